"""The files of deploy/k8s that follow from the topics table and the flow table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from newsreel_bus.topics import wanted
from newsreel_deploy.manifests.flows import CONSUMERS, FOR_CLIENTS, SERVICE_PORT, Flow, flows
from newsreel_events.access import Right, rights
from newsreel_events.topics import TOPICS, service_of
from newsreel_local.paths import CHECKOUT

K8S = CHECKOUT / "deploy" / "k8s"
_HEAD = "# Made by `python -m newsreel_deploy manifests generate`; do not edit.\n"
_CLUSTER = {"strimzi.io/cluster": "newsreel"}
_LAG = 50  # records that wait per replica before another one starts
Object = dict[str, Any]
_FROM_CLIENTS: Object = {  # a label of the namespace: a pod cannot give it to itself
    "from": [{"namespaceSelector": {"matchLabels": {"newsreel-clients": "allowed"}}}],
    "ports": [{"port": SERVICE_PORT, "protocol": "TCP"}],
}


def generated() -> dict[Path, str]:
    """The text of each file, by its path."""
    components = K8S / "components"
    return {
        components / "kafka-strimzi" / "topics.yaml": _text(_topics()),
        components / "kafka-strimzi" / "users.yaml": _text(_users()),
        components / "autoscaling-keda" / "consumers.yaml": _text(_scalers()),
        components / "network-policies" / "policies.yaml": _text(_policies(flows())),
    }


def _text(objects: Iterator[Object]) -> str:
    return _HEAD + yaml.safe_dump_all(objects, sort_keys=False, width=110)


def _object(api: str, kind: str, name: str, spec: Object, **metadata: Object) -> Object:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}


def _topics() -> Iterator[Object]:
    """Not pruned with the rest: a topic that is deleted takes its records along."""
    kept = {"argocd.argoproj.io/sync-options": "Prune=false"}
    for topic in wanted():
        config = {**topic.config, "min.insync.replicas": "2"}
        spec = {"partitions": topic.partitions, "replicas": 3, "config": config}
        yield _object(
            "kafka.strimzi.io/v1", "KafkaTopic", topic.name, spec, labels=_CLUSTER, annotations=kept
        )


def _users() -> Iterator[Object]:
    granted = rights()
    for user in sorted({right.user for right in granted}):
        password = {"name": f"{user}-secrets", "key": "newsreel_kafka_password"}
        acls = [_acl(right) for right in sorted(granted) if right.user == user]
        spec = {
            "authentication": {
                "type": "scram-sha-512",
                "password": {"valueFrom": {"secretKeyRef": password}},
            },
            "authorization": {"type": "simple", "acls": acls},
        }
        yield _object("kafka.strimzi.io/v1", "KafkaUser", user, spec, labels=_CLUSTER)


def _acl(right: Right) -> Object:
    resource = {
        "type": right.kind,
        "name": right.name,
        "patternType": "prefix" if right.prefix else "literal",
    }
    return {"resource": resource, "operations": [right.operation.capitalize()], "host": "*"}


def _scalers() -> Iterator[Object]:
    """By records that wait, never below two: a sign-in waits for these groups."""
    for service in CONSUMERS:
        worker = f"{service}-worker"
        login = {"name": f"{service}-secrets", "key": "newsreel_kafka_password", "parameter": "password"}
        user = {"parameter": "username", "name": "NEWSREEL_KAFKA_USER", "containerName": "service"}
        yield _object(
            "keda.sh/v1alpha1", "TriggerAuthentication", worker, {"secretTargetRef": [login], "env": [user]}
        )
        reads = [
            (topic, group) for topic in TOPICS for group in topic.consumers if service_of(group) == service
        ]
        spec = {
            "scaleTargetRef": {"name": worker, "envSourceContainerName": "service"},
            "minReplicaCount": 2,
            "maxReplicaCount": min(topic.partitions for topic, _ in reads),
            "cooldownPeriod": 300,
            "fallback": {"failureThreshold": 3, "replicas": 2, "behavior": "currentReplicasIfHigher"},
            "advanced": {
                # Each change stops the group for a moment.
                "horizontalPodAutoscalerConfig": {
                    "behavior": {"scaleDown": {"stabilizationWindowSeconds": 600}}
                }
            },
            "triggers": [
                _trigger(group, name, worker) for topic, group in reads for name in _read(topic, group)
            ],
        }
        yield _object("keda.sh/v1alpha1", "ScaledObject", worker, spec)


def _read(topic: Any, group: str) -> tuple[str, str]:
    return topic.name, topic.replayed(group)


def _trigger(group: str, topic: str, worker: str) -> Object:
    metadata = {
        "bootstrapServersFromEnv": "NEWSREEL_KAFKA_BOOTSTRAP",
        "consumerGroup": group,
        "topic": topic,
        "lagThreshold": str(_LAG),
        "offsetResetPolicy": "earliest",
        "limitToPartitionsWithLag": "true",
        "sasl": "scram_sha512",
        "tls": "enable",
    }
    return {"type": "kafka", "metadata": metadata, "authenticationRef": {"name": worker}}


def _policies(table: list[Flow]) -> Iterator[Object]:
    """Nothing is open that the table does not name; what is outside is open by its port alone."""
    # Not the pods of operators: brokers and databases of the same namespace would be cut off from each other.
    ours = {"matchLabels": {"app.kubernetes.io/part-of": "newsreel"}}
    deny: Object = {"podSelector": ours, "policyTypes": ["Ingress", "Egress"]}
    yield _object("networking.k8s.io/v1", "NetworkPolicy", "default-deny", deny)
    names = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
    dns = [{"port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]
    yield _object(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "names",
        {"podSelector": ours, "policyTypes": ["Egress"], "egress": [{"to": [names], "ports": dns}]},
    )
    for pod in sorted({flow.source for flow in table} | {flow.target for flow in table if _inside(flow)}):
        egress = [_rule("to", flow.target, flow) for flow in table if flow.source == pod]
        ingress = [_rule("from", flow.source, flow) for flow in table if flow.target == pod]
        ingress += [_FROM_CLIENTS] if pod in FOR_CLIENTS else []
        if pod == "edge":  # browsers, by whatever gateway
            ingress = [{"ports": [{"port": 8080, "protocol": "TCP"}]}]
        spec: Object = {"podSelector": _pods(pod), "policyTypes": ["Ingress", "Egress"]}
        spec |= {"ingress": ingress} if ingress else {}
        spec |= {"egress": egress} if egress else {}
        yield _object("networking.k8s.io/v1", "NetworkPolicy", pod, spec)


def _inside(flow: Flow) -> bool:
    return not flow.target.isupper()


def _pods(name: str) -> Object:
    return {"matchLabels": {"app.kubernetes.io/name": name}}


def _rule(side: str, name: str, flow: Flow) -> Object:
    ports = [{"port": port, "protocol": "TCP"} for port in flow.ports]
    peer = {} if name.isupper() else {side: [{"podSelector": _pods(name)}]}
    return {**peer, "ports": ports}
