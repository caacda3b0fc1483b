"""Whatever reads a Secret by its name: the Secret, and its key, are made by someone."""

from collections.abc import Iterator

from newsreel_deploy.manifests.inputs import SECRETS
from newsreel_deploy.manifests.rendered import Object, of_kind, pods, title


def read(objects: list[Object]) -> Iterator[tuple[str, str, str | None]]:
    """Who reads, which Secret, and which key, if it says so."""
    for found in pods(objects):
        for volume in found.spec.get("volumes", ()):
            if "secret" in volume:
                yield found.title, volume["secret"]["secretName"], None
    for login in of_kind(objects, "TriggerAuthentication"):
        for entry in login["spec"]["secretTargetRef"]:
            yield title(login), entry["name"], entry["key"]
    for user in of_kind(objects, "KafkaUser"):
        source = user["spec"]["authentication"]["password"]["valueFrom"]["secretKeyRef"]
        yield title(user), source["name"], source["key"]
    for cluster in of_kind(objects, "Cluster"):
        for role in cluster["spec"]["managed"]["roles"]:
            yield title(cluster), role["passwordSecret"]["name"], None


def made(objects: list[Object]) -> Iterator[str]:
    """Each is an input; where a store makes Secrets, it makes every input that is read."""
    here = {found["metadata"]["name"]: set(found.get("data", {})) for found in of_kind(objects, "Secret")}
    by_operators = {f"{kafka['metadata']['name']}-cluster-ca-cert": {"ca.crt"} for kafka in _kafkas(objects)}
    there = {**SECRETS, **by_operators, **here}
    stored = {found["spec"]["target"]["name"] for found in of_kind(objects, "ExternalSecret")}
    for name in stored - SECRETS.keys():
        yield f"ExternalSecret of {name}: nothing reads it"
    for who, name, key in read(objects):
        if name not in there:
            yield f"{who}: nobody makes the Secret {name}"
        elif key is not None and key not in there[name]:
            yield f"{who}: the Secret {name} has no key {key}"
        elif stored and name not in stored | by_operators.keys() | here.keys():
            yield f"{who}: the store does not make the Secret {name}"


def _kafkas(objects: list[Object]) -> Iterator[Object]:
    return (found for found in of_kind(objects, "Kafka") if found["apiVersion"].startswith("kafka.strimzi"))
