"""What every pod has to be: closed, bounded, watched, and given the time that a stop takes."""

from collections.abc import Iterator

from newsreel_deploy.manifests.rendered import Object, pods
from newsreel_runtime.stop_limits import stop_seconds

_SPARE = 5.0  # seconds between the last thing that a stop does and SIGKILL


def closed(objects: list[Object]) -> Iterator[str]:
    """Pod Security Standards, `restricted`; beyond it: a read-only root, a numeric user, no token."""
    for found in pods(objects):
        context = found.spec.get("securityContext", {})
        if context.get("runAsNonRoot") is not True or not context.get("runAsUser"):
            yield f"{found.title}: its user is not a number, or may be root"
        if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{found.title}: seccompProfile is not RuntimeDefault"
        if found.spec.get("automountServiceAccountToken") is not False and "serviceAccountName" in found.spec:
            yield f"{found.title}: the token of its service account is mounted"
        if found.spec.get("enableServiceLinks") is not False:
            yield f"{found.title}: enableServiceLinks is not false"
        for container in found.containers:
            own = container.get("securityContext", {})
            wanted = {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            if any(own.get(name) != value for name, value in wanted.items()):
                yield f"{found.title}: container {container['name']} is not closed"


def bounded(objects: list[Object]) -> Iterator[str]:
    """Memory has a limit, and the CPU a request alone: a CPU limit makes a code mail late."""
    for found in pods(objects):
        for container in found.containers:
            resources = container.get("resources", {})
            limits, requests = resources.get("limits", {}), resources.get("requests", {})
            if "memory" not in limits or not {"cpu", "memory"} <= requests.keys() or "cpu" in limits:
                yield f"{found.title}: container {container['name']}: memory limit, requests, no CPU limit"


def watched(objects: list[Object]) -> Iterator[str]:
    """Deployments have both probes, and each probe asks a port that the container has."""
    for found in pods(objects):
        for container in found.spec["containers"]:
            probes = {name: container[name] for name in container if name.endswith("Probe")}
            if (
                found.owner["kind"] == "Deployment"
                and not {"livenessProbe", "readinessProbe"} <= probes.keys()
            ):
                yield f"{found.title}: container {container['name']} lacks a probe"
            own = {port["name"] for port in container.get("ports", ())}
            numbers = {port["containerPort"] for port in container.get("ports", ())}
            for name, probe in probes.items():
                asked = (probe.get("httpGet") or probe.get("tcpSocket") or {}).get("port")
                if asked is not None and asked not in own | numbers:
                    yield f"{found.title}: {name} asks port {asked}, which {container['name']} does not have"


def grace(objects: list[Object]) -> Iterator[str]:
    """A pod of ours is killed only after all that a stop may take."""
    for found in pods(objects):
        for container in found.spec["containers"]:
            if container.get("args", [""])[0] != "serve":
                continue
            env = {entry["name"]: entry.get("value") for entry in container.get("env", ())}
            drain = float(env.get("NEWSREEL_HTTP_DRAIN_SECONDS") or 0)
            pre_stop = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            needed = pre_stop + stop_seconds(drain) + _SPARE
            given = found.spec.get("terminationGracePeriodSeconds", 30)
            if given < needed:
                yield f"{found.title}: terminationGracePeriodSeconds {given}, a stop may take {needed:.0f}"


def rolls(objects: list[Object]) -> Iterator[str]:
    """HTTP pods come before others go; of consumers one goes before the next comes."""
    for found in pods(objects):
        component = found.labels.get("app.kubernetes.io/component")
        wanted = {"http": (0, 1), "edge": (0, 1), "worker": (1, 0)}.get(component or "")
        if wanted is None or found.owner["kind"] != "Deployment":
            continue
        update = found.owner["spec"].get("strategy", {}).get("rollingUpdate", {})
        if (update.get("maxUnavailable"), update.get("maxSurge")) != wanted:
            yield f"{found.title}: maxUnavailable and maxSurge are not {wanted[0]} and {wanted[1]}"


def pinned(objects: list[Object]) -> Iterator[str]:
    """Each image has a version or a digest."""
    for found in pods(objects):
        for container in found.containers:
            name = container["image"].rpartition("/")[2]
            if "@sha256:" not in name and (":" not in name or name.endswith(":latest")):
                yield f"{found.title}: image {container['image']} has no version"


def restarted(objects: list[Object]) -> Iterator[str]:
    """A Job's pod ends for good, a Deployment's never."""
    for found in pods(objects):
        policy = found.spec.get("restartPolicy", "Always")
        if (found.owner["kind"] == "Job") != (policy in {"OnFailure", "Never"}):
            yield f"{found.title}: restartPolicy {policy}"
