"""The `dev` overlay into a cluster: its images from the engine, its objects, its one-shots to their end."""

import re
import shutil
import time
from pathlib import Path

from newsreel_deploy.cluster.binaries import Say
from newsreel_deploy.cluster.errors import ClusterError
from newsreel_deploy.cluster.two_nodes import Cluster
from newsreel_deploy.compose.secrets import write_secrets
from newsreel_deploy.rollouts import engine
from newsreel_deploy.rollouts.objects import NAMESPACE, Object, as_text, images, of_kind
from newsreel_local.paths import CHECKOUT

PORTAL = f"http://edge.{NAMESPACE}.svc.cluster.local"
MAILPIT = f"http://mailpit.{NAMESPACE}.svc.cluster.local:8025"
MIGRATED, BROKEN = "identity", "portal"
_MIGRATION = "ALTER TABLE account ADD COLUMN trial text;\n"
_PATIENCE = 600.0  # seconds until everything runs, on a busy machine


def overlay(folder: Path) -> Path:
    """A copy of the `dev` overlay with secrets of its own, for an origin inside of the cluster."""
    for part in ("k8s/base", "k8s/overlays/dev", "edge", "compose"):
        shutil.copytree(CHECKOUT / "deploy" / part, folder / part)
    copied = folder / "k8s/overlays/dev"
    shutil.rmtree(copied / "secrets", ignore_errors=True)
    write_secrets(copied / "secrets")
    inputs = copied / "inputs.env"
    inputs.write_text(re.sub("(?m)^NEWSREEL_ORIGIN=.*$", f"NEWSREEL_ORIGIN={PORTAL}", inputs.read_text()))
    return copied


def save_images(objects: list[Object], archive: Path, say: Say) -> None:
    """The overlay's images, a next and a broken version, in one archive. Raises `ClusterError`."""
    began = time.monotonic()
    named = images(objects)
    engine.require(named)
    named |= {engine.build_next(MIGRATED, _MIGRATION), engine.build_broken(BROKEN)}
    engine.save(named, archive)
    say(f"{len(named)} images saved in {time.monotonic() - began:.0f} s")


def install(cluster: Cluster, objects: list[Object], say: Say) -> None:
    """Apply everything and wait until it runs. Raises `ClusterError` with what the pods say."""
    began = time.monotonic()
    order = ("CustomResourceDefinition", "Namespace")
    first = of_kind(objects, *order)
    rest = [found for found in objects if found not in first]
    for some in (first, rest):
        if some:
            words = ("apply", "--server-side", "--validate=strict", "-f", "-")
            cluster.kubectl(*words, text=as_text(some))
    try:
        _await(cluster, objects, began, say)
    except ClusterError as error:
        raise ClusterError(f"{error}\n{_state(cluster)}") from error
    say(f"everything runs after {time.monotonic() - began:.0f} s")


def services(objects: list[Object]) -> list[str]:
    """The Deployments that are ours."""
    return [str(found["metadata"]["name"]) for found in of_kind(objects, "Deployment")]


def _await(cluster: Cluster, objects: list[Object], began: float, say: Say) -> None:
    conditions = {
        "StatefulSet": "jsonpath={.status.readyReplicas}=1",
        "Job": "condition=Complete",
        "Deployment": "condition=Available",
    }
    for kind, condition in conditions.items():
        names = [f"{kind.lower()}/{found['metadata']['name']}" for found in of_kind(objects, kind)]
        left = max(1, round(_PATIENCE - (time.monotonic() - began)))
        cluster.kubectl("-n", NAMESPACE, "wait", f"--for={condition}", *names, f"--timeout={left}s")
        say(f"{len(names)} {kind}s after {time.monotonic() - began:.0f} s")


def _state(cluster: Cluster) -> str:
    pods = cluster.kubectl("-n", NAMESPACE, "get", "pods", "-o", "wide")
    events = cluster.kubectl("-n", NAMESPACE, "get", "events", "--sort-by=.lastTimestamp")
    return f"{pods}\n" + "\n".join(events.splitlines()[-15:])
