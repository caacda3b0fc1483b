"""A mistake for each rule, planted into a rendered overlay: each rule has to see its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from newsreel_deploy.manifests.rendered import Object

Plant = Callable[[dict[tuple[str, str], Object]], object]


@dataclass(frozen=True)
class Mistake:
    """`plant` spoils the objects, which it gets by kind and name; `rule` has to see it."""

    rule: str
    what: str
    plant: Plant


def _pod(objects: dict[tuple[str, str], Object], name: str = "identity") -> Any:
    return objects["Deployment", name]["spec"]["template"]["spec"]


def _container(objects: dict[tuple[str, str], Object], name: str = "identity") -> Any:
    return _pod(objects, name)["containers"][0]


def _set(what: Callable[[dict[tuple[str, str], Object]], Any], key: Any, value: Any) -> Plant:
    def plant(objects: dict[tuple[str, str], Object]) -> None:
        what(objects)[key] = value

    return plant


def _drop(what: Callable[[dict[tuple[str, str], Object]], Any], key: Any) -> Plant:
    def plant(objects: dict[tuple[str, str], Object]) -> None:
        del what(objects)[key]

    return plant


def _env(name: str, variable: str, changed: dict[str, str] | None) -> Plant:
    """Change, or with None drop, one variable of a container."""

    def plant(objects: dict[tuple[str, str], Object]) -> None:
        env = _container(objects, name)["env"]
        (entry,) = (entry for entry in env if entry["name"] == variable)
        env.remove(entry) if changed is None else entry.update(changed)

    return plant


def _of(kind: str, name: str, *path: Any) -> Callable[[dict[tuple[str, str], Object]], Any]:
    def inside(objects: dict[tuple[str, str], Object]) -> Any:
        found: Any = objects[kind, name]
        for step in path:
            found = found[step]
        return found

    return inside


_CLOSED = _of("Deployment", "identity", "spec", "template", "spec", "containers", 0, "securityContext")
_POD = _of("Deployment", "identity", "spec", "template", "spec")
_PROBE = _of(
    "Deployment", "identity", "spec", "template", "spec", "containers", 0, "readinessProbe", "httpGet"
)
_RESOURCES = _of("Deployment", "identity", "spec", "template", "spec", "containers", 0, "resources")
_TRIGGER = _of("ScaledObject", "notifier-worker", "spec", "triggers", 0, "metadata")
_LOGIN = _of("TriggerAuthentication", "notifier-worker", "spec", "secretTargetRef")
_UPDATE = _of("Deployment", "identity", "spec", "strategy", "rollingUpdate")


def _secret(objects: dict[tuple[str, str], Object]) -> Any:
    return next(volume["secret"] for volume in _pod(objects)["volumes"] if volume["name"] == "secrets")


def _without_origin(found: Object) -> Object:
    if found["kind"] != "ConfigMap" or "NEWSREEL_ORIGIN" not in found.get("data", {}):
        return found
    rest = {name: text for name, text in found["data"].items() if name != "NEWSREEL_ORIGIN"}
    return {**found, "data": rest}


_TOPIC = _of("KafkaTopic", "identity.code.v1", "spec")
_JOB = _of("Job", "identity-migrate", "spec", "template", "spec")
_LABELS = _of("Deployment", "identity", "spec", "template", "metadata", "labels")
_BACKEND = _of("HTTPRoute", "newsreel", "spec", "rules", 0, "backendRefs", 0)
_POLICY = _of("NetworkPolicy", "portal", "spec", "podSelector", "matchLabels")

# Planted into the overlay `prod-reference`, which has all kinds of objects.
MISTAKES = (
    Mistake("core schemas", "a misspelt field", _set(_CLOSED, "readOnlyRootFileSystem", True)),
    Mistake("core schemas", "a text for a number", _set(_of("Deployment", "edge", "spec"), "paused", "no")),
    Mistake(
        "core schemas",
        "an API version that was removed",
        _set(_of("PodDisruptionBudget", "edge"), "apiVersion", "policy/v1beta1"),
    ),
    Mistake("schemas of custom resources", "a misspelt field of a topic", _set(_TOPIC, "partition", 12)),
    Mistake(
        "schemas of custom resources",
        "no PostgreSQL instance",
        _set(_of("Cluster", "postgres", "spec"), "instances", 0),
    ),
    Mistake(
        "schemas of custom resources", "a number where KEDA wants text", _set(_TRIGGER, "lagThreshold", 50)
    ),
    Mistake("pods are closed", "a root that can be written", _set(_CLOSED, "readOnlyRootFilesystem", False)),
    Mistake(
        "pods are closed",
        "a capability",
        _set(_CLOSED, "capabilities", {"drop": ["ALL"], "add": ["NET_ADMIN"]}),
    ),
    Mistake(
        "pods are closed",
        "no seccomp profile",
        _drop(_of("Deployment", "identity", "spec", "template", "spec", "securityContext"), "seccompProfile"),
    ),
    Mistake(
        "pods are closed",
        "a user by name only",
        _drop(_of("Deployment", "identity", "spec", "template", "spec", "securityContext"), "runAsUser"),
    ),
    Mistake("pods are closed", "a mounted token", _set(_POD, "automountServiceAccountToken", True)),
    Mistake("memory and CPU", "a CPU limit", _set(_RESOURCES, "limits", {"cpu": "1", "memory": "256Mi"})),
    Mistake("memory and CPU", "no memory limit", _drop(_RESOURCES, "limits")),
    Mistake("probes", "a port that the container does not have", _set(_PROBE, "port", "web")),
    Mistake("probes", "no liveness probe", _drop(_container, "livenessProbe")),
    Mistake("grace period", "Kubernetes' default of 30 s", _drop(_POD, "terminationGracePeriodSeconds")),
    Mistake(
        "grace period", "a longer drain", _env("identity", "NEWSREEL_HTTP_DRAIN_SECONDS", {"value": "30"})
    ),
    Mistake("rollouts", "old pods go first", _set(_UPDATE, "maxUnavailable", 1)),
    Mistake("versions of images", "latest", _set(_container, "image", "newsreel/identity:latest")),
    Mistake("versions of images", "none", _set(_container, "image", "newsreel/identity")),
    Mistake("restart policy", "a Job that runs for ever", _set(_JOB, "restartPolicy", "Always")),
    Mistake("volumes", "a mount without a volume", lambda objects: _pod(objects)["volumes"].clear()),
    Mistake(
        "volumes",
        "a Secret that nobody makes",
        lambda objects: _secret(objects).update(secretName="identity"),
    ),
    Mistake(
        "volumes",
        "a claim that is not there",
        lambda objects: objects.pop(("PersistentVolumeClaim", "media")) and None,
    ),
    Mistake(
        "environment",
        "a ConfigMap that is not there",
        _set(_container, "envFrom", [{"configMapRef": {"name": "inputs"}}]),
    ),
    Mistake(
        "environment",
        "a key that it does not have",
        lambda objects: objects.update({key: _without_origin(found) for key, found in objects.items()}),
    ),
    Mistake("service accounts", "one that is not there", _set(_POD, "serviceAccountName", "newsreel")),
    Mistake(
        "selectors",
        "pods that their Deployment does not select",
        _set(_LABELS, "app.kubernetes.io/name", "identities"),
    ),
    Mistake(
        "selectors",
        "a Service of nobody",
        _set(_of("Service", "identity", "spec"), "selector", {"app.kubernetes.io/name": "id"}),
    ),
    Mistake(
        "ports",
        "a target that the pods do not have",
        _set(_of("Service", "identity", "spec", "ports", 0), "targetPort", 8081),
    ),
    Mistake("ports", "a route to a port that is not there", _set(_BACKEND, "port", 8080)),
    Mistake(
        "disruption budgets", "none", lambda objects: objects.pop(("PodDisruptionBudget", "portal")) and None
    ),
    Mistake(
        "disruption budgets",
        "one that holds sick pods",
        _drop(_of("PodDisruptionBudget", "portal", "spec"), "unhealthyPodEvictionPolicy"),
    ),
    Mistake(
        "settings are known",
        "a misspelt one",
        _env("portal", "NEWSREEL_PORTAL_CATALOG_ORIGIN", {"name": "NEWSREEL_PORTAL_CATALOGUE_ORIGIN"}),
    ),
    Mistake(
        "settings are complete", "one that is missing", _env("portal", "NEWSREEL_PORTAL_CATALOG_ORIGIN", None)
    ),
    Mistake(
        "settings are complete",
        "a secret in the environment",
        lambda objects: _container(objects)["env"].append(
            {"name": "NEWSREEL_IDENTITY_LOOKUP_KEY", "value": "00"}
        ),
    ),
    Mistake(
        "scaled once",
        "two scalers of one Deployment",
        _set(_of("HorizontalPodAutoscaler", "portal", "spec", "scaleTargetRef"), "name", "notifier-worker"),
    ),
    Mistake(
        "scaled once", "replicas beside a scaler", _set(_of("Deployment", "portal", "spec"), "replicas", 3)
    ),
    Mistake("KEDA's triggers", "a misspelt key", _set(_TRIGGER, "lagThreshhold", "50")),
    Mistake("KEDA's triggers", "its default of `latest`", _drop(_TRIGGER, "offsetResetPolicy")),
    Mistake(
        "KEDA's triggers", "a topic that the group does not read", _set(_TRIGGER, "topic", "catalog.video.v1")
    ),
    Mistake(
        "KEDA's triggers",
        "more pods than partitions",
        _set(_of("ScaledObject", "notifier-worker", "spec"), "maxReplicaCount", 13),
    ),
    Mistake("KEDA's triggers", "no TLS, where the services have it", _drop(_TRIGGER, "tls")),
    Mistake(
        "KEDA's triggers",
        "an authority that KEDA does not know",
        lambda objects: _LOGIN(objects).pop(),
    ),
    Mistake("secrets", "a misspelt key", _set(lambda objects: _LOGIN(objects)[0], "key", "kafka_password")),
    Mistake(
        "secrets",
        "one that the store does not make",
        lambda objects: objects.pop(("ExternalSecret", "portal-secrets")) and None,
    ),
    Mistake(
        "settings' paths",
        "a media folder that is not mounted",
        _env("delivery", "NEWSREEL_DELIVERY_MEDIA_ROOT", {"value": "/srv/media"}),
    ),
    Mistake(
        "the public door",
        "another host than the portal's",
        _set(_of("HTTPRoute", "newsreel", "spec"), "hostnames", ["www.newsreel.example"]),
    ),
    Mistake(
        "the public door",
        "a gateway that is not there",
        _set(_of("HTTPRoute", "newsreel", "spec", "parentRefs", 0), "name", "public"),
    ),
    Mistake(
        "the public door",
        "a certificate for another Secret",
        _set(_of("Certificate", "newsreel", "spec"), "secretName", "tls"),
    ),
    Mistake("network policies", "one about nobody", _set(_POLICY, "app.kubernetes.io/name", "portals")),
    Mistake(
        "network policies",
        "a rule that allows everything",
        _set(_of("NetworkPolicy", "portal", "spec"), "egress", [{}]),
    ),
    Mistake(
        "network policies",
        "one that cuts off Kafka's own pods",
        _set(_of("NetworkPolicy", "names", "spec"), "podSelector", {}),
    ),
    Mistake(
        "network policies",
        "no denial",
        lambda objects: objects.pop(("NetworkPolicy", "default-deny")) and None,
    ),
    Mistake("topics", "fewer partitions than the table says", _set(_TOPIC, "partitions", 3)),
)
