"""What scales, and what of the bus the scalers and the operators name."""

import math
from collections.abc import Iterator

from newsreel_bus.topics import wanted
from newsreel_deploy.manifests.rendered import Object, names, of_kind, title
from newsreel_events.topics import TOPICS

# KEDA takes any key and ignores what it does not know (keda/pkg/scalers/kafka_scaler.go).
_KAFKA_KEYS = {
    "bootstrapServersFromEnv",
    "consumerGroup",
    "topic",
    "lagThreshold",
    "offsetResetPolicy",
    "limitToPartitionsWithLag",
    "sasl",
    "tls",
}


def targets(objects: list[Object]) -> Iterator[str]:
    """A scaler's target is there, has one scaler, and no number of replicas of its own."""
    there = {found["metadata"]["name"]: found for found in of_kind(objects, "Deployment")}
    seen: set[str] = set()
    for scaler in of_kind(objects, "HorizontalPodAutoscaler", "ScaledObject"):
        target = scaler["spec"]["scaleTargetRef"]["name"]
        if target not in there:
            yield f"{title(scaler)}: there is no Deployment {target}"
        elif "replicas" in there[target]["spec"]:
            yield f"{title(scaler)}: Deployment {target} has a number of replicas of its own"
        if target in seen:
            yield f"{title(scaler)}: {target} has another scaler"
        seen.add(target)


def triggers(objects: list[Object]) -> Iterator[str]:
    """KEDA's keys are known, their values text, their topics the group's; pods never outnumber partitions."""
    partitions = {topic.name: topic.partitions for topic in TOPICS}
    read = {
        (group, name)
        for topic in TOPICS
        for group in topic.consumers
        for name in (topic.name, topic.replayed(group))
    }
    logins = names(objects, "TriggerAuthentication")
    yield from _connections(objects)
    for scaler in of_kind(objects, "ScaledObject"):
        for trigger in scaler["spec"]["triggers"]:
            metadata = trigger["metadata"]
            for key, value in metadata.items():
                if key not in _KAFKA_KEYS or not isinstance(value, str):
                    yield f"{title(scaler)}: {key}: {value!r} is nothing that KEDA reads"
            pair = metadata.get("consumerGroup"), metadata.get("topic")
            if pair not in read:
                yield f"{title(scaler)}: the group {pair[0]} does not read {pair[1]}"
            elif scaler["spec"]["maxReplicaCount"] > partitions.get(str(pair[1]), math.inf):
                yield f"{title(scaler)}: more pods than partitions of {pair[1]}"
            if metadata.get("offsetResetPolicy") != "earliest":
                yield f"{title(scaler)}: offsetResetPolicy is not that of our consumers"
            if trigger["authenticationRef"]["name"] not in logins:
                yield f"{title(scaler)}: there is no TriggerAuthentication for it"


def _connections(objects: list[Object]) -> Iterator[str]:
    """KEDA reaches the brokers as the services do: with TLS or without, by the same authority."""
    inputs: dict[str, str] = {}
    for config in of_kind(objects, "ConfigMap"):
        inputs |= config.get("data", {})
    wants = "enable" if inputs.get("NEWSREEL_KAFKA_TLS") == "true" else "disable"
    for scaler in of_kind(objects, "ScaledObject"):
        for trigger in scaler["spec"]["triggers"]:
            if trigger["metadata"].get("tls", "disable") != wants:
                yield f"{title(scaler)}: tls is not {wants}, as NEWSREEL_KAFKA_TLS says"
    for login in of_kind(objects, "TriggerAuthentication"):
        given = {entry["parameter"] for entry in login["spec"]["secretTargetRef"]}
        if "NEWSREEL_KAFKA_CA" in inputs and "ca" not in given:
            yield f"{title(login)}: has no `ca`, and the services have NEWSREEL_KAFKA_CA"


def policies(objects: list[Object]) -> Iterator[str]:
    """A policy is about pods that are there; where there are policies, all is denied that none allows."""
    there = {found["metadata"]["labels"]["app.kubernetes.io/name"] for found in _labelled(objects)}
    found = list(of_kind(objects, "NetworkPolicy"))
    ours = {"matchLabels": {"app.kubernetes.io/part-of": "newsreel"}}
    denial = {"podSelector": ours, "policyTypes": ["Ingress", "Egress"]}
    if found and not any(policy["spec"] == denial for policy in found):
        yield "NetworkPolicy: none denies what no other allows"
    for policy in found:
        if not policy["spec"]["podSelector"]:
            yield f"{title(policy)}: is about the pods of operators, too"
        rules = [*policy["spec"].get("ingress", ()), *policy["spec"].get("egress", ())]
        peers = [peer for rule in rules for peer in (*rule.get("from", ()), *rule.get("to", ()))]
        chosen = [policy["spec"], *(peer for peer in peers if "podSelector" in peer)]
        for selector in chosen:
            name = selector["podSelector"].get("matchLabels", {}).get("app.kubernetes.io/name")
            if name is not None and name not in there | _OPTIONAL:
                yield f"{title(policy)}: there is no pod {name}"
        if not policy["metadata"]["name"].startswith("default") and {} in rules:
            yield f"{title(policy)}: a rule allows everything"


_OPTIONAL = {"samples", "bus-apply"}  # pods of some overlays only


def _labelled(objects: list[Object]) -> Iterator[Object]:
    return of_kind(objects, "Deployment", "StatefulSet", "Job")


def topics(objects: list[Object]) -> Iterator[str]:
    """Where an operator makes topics, it makes all of the table, as the table says."""
    found = {topic["metadata"]["name"]: topic["spec"] for topic in of_kind(objects, "KafkaTopic")}
    for topic in wanted() if found else ():
        spec = found.get(topic.name)
        if spec is None:
            yield f"KafkaTopic {topic.name}: is not there"
        elif spec["partitions"] != topic.partitions or not topic.config.items() <= spec["config"].items():
            yield f"KafkaTopic {topic.name}: is not as the topics table says"
