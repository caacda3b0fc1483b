"""What kubectl makes of a kustomization, and the parts of it that rules look at."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Object = dict[str, Any]
_PODS = ("Deployment", "StatefulSet", "Job")


class RenderError(RuntimeError):
    """It could not be rendered; the message is kubectl's last line."""


def render(folder: Path) -> str:
    """`kubectl kustomize FOLDER`. Raises `RenderError`."""
    program = shutil.which("kubectl")
    if program is None:
        raise RenderError("kubectl is not here: https://kubernetes.io/docs/tasks/tools/")
    done = subprocess.run(  # noqa: S603 (a folder of ours)
        [program, "kustomize", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = [line for line in done.stderr.splitlines() if line.strip()][-2:]
        raise RenderError(f"{folder.name}: {' '.join(last)}")
    return done.stdout


def read(text: str) -> list[Object]:
    """The objects of a rendered text."""
    documents = yaml.load_all(text, Loader=yaml.CSafeLoader)  # the safe loader, in C
    return [found for found in documents if found]


def title(found: Object) -> str:
    return f"{found['kind']} {found['metadata']['name']}"


def of_kind(objects: list[Object], *kinds: str) -> Iterator[Object]:
    return (found for found in objects if found["kind"] in kinds)


def names(objects: list[Object], kind: str) -> set[str]:
    return {found["metadata"]["name"] for found in of_kind(objects, kind)}


@dataclass(frozen=True)
class Pods:
    """The pods of one workload: `owner` is its object, `labels` and `spec` those of the template."""

    owner: Object
    labels: dict[str, str]
    spec: Object

    @property
    def title(self) -> str:
        return title(self.owner)

    @property
    def name(self) -> str:
        return str(self.owner["metadata"]["name"])

    @property
    def containers(self) -> list[Object]:
        """The init containers too."""
        return [*self.spec.get("initContainers", ()), *self.spec["containers"]]

    @property
    def ports(self) -> dict[str, int]:
        return {
            port["name"]: port["containerPort"]
            for container in self.spec["containers"]
            for port in container.get("ports", ())
        }


def pods(objects: list[Object]) -> Iterator[Pods]:
    for owner in of_kind(objects, *_PODS):
        template = owner["spec"]["template"]
        yield Pods(owner, template["metadata"]["labels"], template["spec"])


def matching(objects: list[Object], labels: dict[str, str]) -> list[Pods]:
    """The workloads whose pods carry all of these labels."""
    return [found for found in pods(objects) if labels.items() <= found.labels.items()]
