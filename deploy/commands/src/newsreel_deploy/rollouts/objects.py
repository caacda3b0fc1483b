"""Rendered Kubernetes objects, and what the trial changes in them."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from newsreel_deploy.cluster.binaries import Binaries
from newsreel_deploy.cluster.program import run

NAMESPACE = "newsreel"
STATEFUL_NODE = "node2"
"""Kafka, PostgreSQL and the mail catcher have one copy in `dev`: they stay where no trial drains or stops."""
Object = dict[str, Any]


def render(binaries: Binaries, overlay: Path) -> list[Object]:
    """The objects of an overlay. Raises `ClusterError` with what kustomize said."""
    text = run([binaries.kubernetes, "kubectl", "kustomize", overlay])
    return [found for found in yaml.safe_load_all(text) if found]


def images(objects: list[Object]) -> set[str]:
    """Every image that a pod of theirs runs."""
    return {container["image"] for found in objects for container in _containers(found)}


def adapt(objects: list[Object]) -> list[Object]:
    """For the trial: two replicas of each service, the stateful parts on one node, nothing is pulled."""
    adapted = copy.deepcopy(objects)
    for found in adapted:
        for container in _containers(found):
            container["imagePullPolicy"] = "Never"
        if found["kind"] == "Deployment":
            found["spec"]["replicas"] = 2
        if found["kind"] == "StatefulSet":
            found["spec"]["template"]["spec"]["nodeSelector"] = {"kubernetes.io/hostname": STATEFUL_NODE}
    return adapted


def with_tag(objects: list[Object], service: str, tag: str) -> list[Object]:
    """The workloads of one service with another version of its image; Jobs get a name of their own."""
    changed = []
    for found in copy.deepcopy(objects):
        mine = [one for one in _containers(found) if one["image"].startswith(f"newsreel/{service}:")]
        for container in mine:
            container["image"] = f"newsreel/{service}:{tag}"
        if mine:
            if found["kind"] == "Job":
                found["metadata"]["name"] += f"-{tag}"
            changed.append(found)
    return changed


def of_kind(objects: list[Object], *kinds: str) -> list[Object]:
    return [found for found in objects if found["kind"] in kinds]


def as_text(objects: list[Object]) -> str:
    return yaml.safe_dump_all(objects)


def _containers(found: Object) -> Iterator[Object]:
    template = found.get("spec", {}).get("template", {}) if isinstance(found.get("spec"), dict) else {}
    spec = template.get("spec", {}) if isinstance(template, dict) else {}
    yield from spec.get("initContainers", [])
    yield from spec.get("containers", [])
