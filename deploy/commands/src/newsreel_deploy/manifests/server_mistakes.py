"""Mistakes that no schema sees, and a real API server does: planted into the overlay `prod-byo`."""

import copy
from collections.abc import Mapping
from typing import Any

from newsreel_deploy.manifests.mistakes import Plant
from newsreel_deploy.manifests.rendered import Object


def _pod(objects: dict[tuple[str, str], Object]) -> Any:
    return objects["Deployment", "identity"]["spec"]["template"]["spec"]


def _container(objects: dict[tuple[str, str], Object]) -> Any:
    return _pod(objects)["containers"][0]


def _spec(kind: str, name: str, **changed: Any) -> Plant:
    return lambda objects: objects[kind, name]["spec"].update(changed)


def _in_pod(**changed: Any) -> Plant:
    return lambda objects: _pod(objects).update(changed)


def _in_container(**changed: Any) -> Plant:
    return lambda objects: _container(objects).update(changed)


def _rolls(unavailable: int, surge: int) -> Any:
    return {"rollingUpdate": {"maxUnavailable": unavailable, "maxSurge": surge}}


_TWO = {"ipBlock": {"cidr": "10.0.0.0/8"}, "podSelector": {}}
_LEAVES = {"preStop": {"sleep": {"seconds": 61}}}
_MORE = {"requests": {"memory": "512Mi"}, "limits": {"memory": "256Mi"}}

SERVER_MISTAKES: Mapping[str, Plant] = {
    "a rollout that cannot move": _spec("Deployment", "identity", strategy=_rolls(0, 0)),
    "a sleep beyond the grace period": _in_container(lifecycle=_LEAVES),
    "a request above its limit": _in_container(resources=_MORE),
    "a quantity with a wrong unit": _in_container(resources={"limits": {"memory": "64mb"}}),
    "two handlers in a probe": lambda objects: _container(objects)["livenessProbe"].update(
        tcpSocket={"port": 8080}
    ),
    "a liveness probe that has to succeed twice": lambda objects: _container(objects)["livenessProbe"].update(
        successThreshold=2
    ),
    "a container twice": lambda objects: _pod(objects)["containers"].append(
        copy.deepcopy(_container(objects))
    ),
    "a port beyond 65535": lambda objects: _container(objects)["ports"][0].update(containerPort=70000),
    "a field of a pod that is not there": lambda objects: _container(objects)["env"].append(
        {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.nope"}}}
    ),
    "a toleration of any value with a value": _in_pod(
        tolerations=[{"key": "k", "operator": "Exists", "value": "x"}]
    ),
    "a selector that its pods do not have": lambda objects: objects["Deployment", "identity"]["spec"][
        "template"
    ]["metadata"].update(labels={"app.kubernetes.io/name": "other"}),
    "a label of 64 characters": lambda objects: objects["Deployment", "identity"]["metadata"][
        "labels"
    ].update(a="x" * 64),
    "a name with a capital letter": lambda objects: objects["Service", "identity"]["metadata"].update(
        name="Identity"
    ),
    "a Service's port twice": lambda objects: objects["Service", "identity"]["spec"]["ports"].append(
        {"name": "http", "port": 81}
    ),
    "a Job that runs for ever": lambda objects: objects["Job", "identity-migrate"]["spec"]["template"][
        "spec"
    ].update(restartPolicy="Always"),
    "a budget with both bounds": _spec("PodDisruptionBudget", "identity", minAvailable=1),
    "a policy with two kinds of peer in one": _spec("NetworkPolicy", "identity", ingress=[{"from": [_TWO]}]),
    "an address range that is none": _spec(
        "NetworkPolicy", "identity", ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.0/33"}}]}]
    ),
    "a scaler whose least is above its most": _spec("HorizontalPodAutoscaler", "identity", minReplicas=9),
    "a claim without an access mode": _spec("PersistentVolumeClaim", "media", accessModes=[]),
    # Pod Security, `restricted`: warnings, which count.
    "a privileged container": lambda objects: _container(objects)["securityContext"].update(
        privileged=True, allowPrivilegeEscalation=True
    ),
    "a pod without a seccomp profile": lambda objects: _pod(objects)["securityContext"].pop("seccompProfile"),
    "a folder of the node": lambda objects: _pod(objects)["volumes"].append(
        {"name": "node", "hostPath": {"path": "/"}}
    ),
    "the node's network": _in_pod(hostNetwork=True),
}


def spoiled(plant: Plant, objects: list[Object]) -> list[Object]:
    """The objects that a mistake changes, with the mistake in them."""
    before = {(found["kind"], found["metadata"]["name"]): found for found in objects}
    after = copy.deepcopy(before)
    plant(after)
    return [found for key, found in after.items() if found != before[key]]
