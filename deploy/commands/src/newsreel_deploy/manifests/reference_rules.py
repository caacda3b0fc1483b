"""Every name that one object says of another one resolves."""

from collections.abc import Iterator

from newsreel_deploy.manifests.inputs import SECRETS
from newsreel_deploy.manifests.rendered import Object, matching, names, of_kind, pods, title

_FROM_OPERATORS = {"newsreel-cluster-ca-cert": {"ca.crt"}, "newsreel-tls": {"tls.crt", "tls.key"}}


def _keys(objects: list[Object], kind: str) -> dict[str, set[str]]:
    return {
        found["metadata"]["name"]: set(found.get("data", {})) | set(found.get("binaryData", {}))
        for found in of_kind(objects, kind)
    }


def volumes(objects: list[Object]) -> Iterator[str]:
    """Each mount has a volume, each volume a mount; its ConfigMap, Secret or claim is there, its keys too."""
    configs = _keys(objects, "ConfigMap")
    secrets = {**SECRETS, **_FROM_OPERATORS, **_keys(objects, "Secret")}
    claims = names(objects, "PersistentVolumeClaim")
    for found in pods(objects):
        templates = found.owner["spec"].get("volumeClaimTemplates", ())
        own = {volume["name"] for volume in found.spec.get("volumes", ())}
        own |= {template["metadata"]["name"] for template in templates}
        mounted = {mount["name"] for each in found.containers for mount in each.get("volumeMounts", ())}
        for name in mounted ^ own:
            yield f"{found.title}: volume {name} is {'mounted only' if name in mounted else 'not mounted'}"
        for volume in found.spec.get("volumes", ()):
            if "configMap" in volume:
                source = volume["configMap"]
                yield from _has(found.title, "ConfigMap", source["name"], source.get("items"), configs)
            if "secret" in volume:
                source = volume["secret"]
                yield from _has(found.title, "Secret", source["secretName"], source.get("items"), secrets)
            if "persistentVolumeClaim" in volume:
                claim = volume["persistentVolumeClaim"]["claimName"]
                if claim not in claims:
                    yield f"{found.title}: there is no PersistentVolumeClaim {claim}"


def _has(
    where: str, kind: str, name: str, items: list[Object] | None, there: dict[str, set[str]]
) -> Iterator[str]:
    if name not in there:
        yield f"{where}: there is no {kind} {name}"
        return
    for item in items or ():
        if item["key"] not in there[name]:
            yield f"{where}: {kind} {name} has no key {item['key']}"


def environment(objects: list[Object]) -> Iterator[str]:
    """Each ConfigMap of an environment is there, with the key."""
    configs = _keys(objects, "ConfigMap")
    for found in pods(objects):
        for container in found.containers:
            for source in container.get("envFrom", ()):
                yield from _has(found.title, "ConfigMap", source["configMapRef"]["name"], None, configs)
            for entry in container.get("env", ()):
                if reference := entry.get("valueFrom", {}).get("configMapKeyRef"):
                    item = [{"key": reference["key"]}]
                    yield from _has(found.title, "ConfigMap", reference["name"], item, configs)


def accounts(objects: list[Object]) -> Iterator[str]:
    """Each service account is there."""
    there = names(objects, "ServiceAccount")
    for found in pods(objects):
        account = found.spec.get("serviceAccountName")
        if account is not None and account not in there:
            yield f"{found.title}: there is no ServiceAccount {account}"


def selectors(objects: list[Object]) -> Iterator[str]:
    """Deployments select their own pods; Services, budgets and policies select pods that are there."""
    for found in pods(objects):
        selector = found.owner["spec"].get("selector", {}).get("matchLabels", {})
        if not selector.items() <= found.labels.items():
            yield f"{found.title}: its selector does not match its pods"
    for service in of_kind(objects, "Service"):
        if not matching(objects, service["spec"]["selector"]):
            yield f"{title(service)}: selects no pod"
    for budget in of_kind(objects, "PodDisruptionBudget"):
        if len(matching(objects, budget["spec"]["selector"]["matchLabels"])) != 1:
            yield f"{title(budget)}: is not about exactly one workload"


def ports(objects: list[Object]) -> Iterator[str]:
    """A Service's target port is one of its pods'; a route's backend is a Service with that port."""
    services = {found["metadata"]["name"]: found for found in of_kind(objects, "Service")}
    for name, service in services.items():
        for chosen in matching(objects, service["spec"]["selector"]):
            for port in service["spec"]["ports"]:
                if port.get("targetPort", port["port"]) not in {*chosen.ports, *chosen.ports.values()}:
                    yield f"Service {name}: {chosen.title} has no port {port.get('targetPort')}"
    for route in of_kind(objects, "HTTPRoute"):
        for rule in route["spec"]["rules"]:
            for backend in rule["backendRefs"]:
                service = services.get(backend["name"], {"spec": {"ports": []}})
                if backend["port"] not in {port["port"] for port in service["spec"]["ports"]}:
                    yield f"{title(route)}: there is no Service {backend['name']} with port {backend['port']}"


def budgets(objects: list[Object]) -> Iterator[str]:
    """Whatever has replicas has a disruption budget, which lets sick pods go."""
    about = {
        chosen.name
        for found in of_kind(objects, "PodDisruptionBudget")
        if found["spec"].get("unhealthyPodEvictionPolicy") == "AlwaysAllow"
        for chosen in matching(objects, found["spec"]["selector"]["matchLabels"])
    }
    for found in of_kind(objects, "Deployment"):
        if found["metadata"]["name"] not in about:
            yield f"{title(found)}: has no PodDisruptionBudget with AlwaysAllow"
