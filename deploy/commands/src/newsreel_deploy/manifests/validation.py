"""`make k8s-validate`: every overlay by every rule, and every rule by the mistakes that it has to see."""

import copy
import itertools
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from newsreel_deploy.cluster.control_plane import control_plane
from newsreel_deploy.cluster.machine import why_not_quickly
from newsreel_deploy.compose.secrets import write_secrets
from newsreel_deploy.manifests import server
from newsreel_deploy.manifests.mistakes import MISTAKES, Mistake
from newsreel_deploy.manifests.rendered import Object, RenderError, read, render
from newsreel_deploy.manifests.rules import RULES
from newsreel_deploy.manifests.server_mistakes import SERVER_MISTAKES, spoiled
from newsreel_local.paths import CHECKOUT

_K8S = CHECKOUT / "deploy" / "k8s"
OVERLAYS = ("dev", "prod-byo", "prod-reference")
COMPONENTS = (  # in the order in which an overlay names them
    "single-replica",
    "autoscaling-hpa",
    "autoscaling-keda",
    "kafka-strimzi",
    "postgres-cnpg",
    "network-policies",
    "gateway-api",
    "cert-manager",
    "external-secrets",
)
APART = {
    ("single-replica", "autoscaling-hpa"): "a scaler owns the number of replicas",
    ("single-replica", "autoscaling-keda"): "a scaler owns the number of replicas",
}
PAIRS = tuple(
    chosen for size in (0, 1, 2) for chosen in itertools.combinations(COMPONENTS, size) if chosen not in APART
)


def objects_of(overlay: str) -> list[Object]:
    """The rendered objects; `dev` gets secrets of its own where nobody made some. Raises `RenderError`."""
    secrets = _K8S / "overlays" / "dev" / "secrets"
    if overlay == "dev" and not secrets.exists():
        write_secrets(secrets)
    return read(render(_K8S / "overlays" / overlay))


def objects_with(components: tuple[str, ...]) -> list[Object]:
    """The base with these components. Raises `RenderError`."""
    with tempfile.TemporaryDirectory(dir=_K8S, prefix=".pair-") as folder:
        lines = ["apiVersion: kustomize.config.k8s.io/v1beta1", "kind: Kustomization", "namespace: newsreel"]
        lines += ["resources: [../base]"]
        lines += [f"components: [{', '.join(f'../components/{name}' for name in components)}]"]
        lines += ["images:"]
        lines += [f"  - {{name: newsreel/{name}, newTag: 0.1.0}}" for name in _IMAGES]
        (Path(folder) / "kustomization.yaml").write_text("\n".join(lines) + "\n")
        return read(render(Path(folder)))


_IMAGES = ("identity", "notifier", "catalog", "delivery", "portal", "bus")


def findings(objects: list[Object]) -> Iterator[tuple[str, str]]:
    """Each rule that is broken, and what breaks it."""
    for name, rule in RULES.items():
        for found in rule(objects):
            yield name, found


def caught(mistake: Mistake, objects: list[Object]) -> list[str]:
    """What its rule says once the mistake is planted."""
    by_name = {(found["kind"], found["metadata"]["name"]): copy.deepcopy(found) for found in objects}
    mistake.plant(by_name)
    return list(RULES[mistake.rule](list(by_name.values())))


def validate() -> int:
    """Print the table; 1 when an overlay breaks a rule, or a rule does not see its mistake."""
    try:
        return _validated()
    except RenderError as error:
        print(f"manifests: {error}", file=sys.stderr)
        return 1


def _validated() -> int:
    bad = 0
    rendered = {overlay: objects_of(overlay) for overlay in OVERLAYS}
    rendered |= {" + ".join(("base", *pair)): objects_with(pair) for pair in PAIRS}
    for name, objects in rendered.items():
        broken = list(findings(objects))
        bad += len(broken)
        print(f"{name}: {len(objects)} objects, {len(RULES)} rules, {len(broken)} findings")
        for rule, found in broken:
            print(f"  {rule}: {found}")
    print("\n| rule | mistake planted | caught by |\n|---|---|---|")
    for mistake in MISTAKES:
        said = caught(mistake, rendered["prod-reference"])
        bad += not said
        print(f"| {mistake.rule} | {mistake.what} | {said[0] if said else '**nobody**'} |")
    bad += _by_a_server(rendered)
    return 1 if bad else 0


def _by_a_server(rendered: dict[str, list[Object]]) -> int:
    """How many findings a real API server adds, and how many mistakes it does not see."""
    if reason := why_not_quickly(nodes=False):
        print(f"| API server | {len(SERVER_MISTAKES)} mistakes | skipped: {reason} |")
        return 0
    bad = 0
    with control_plane() as running:
        server.prepare(running, rendered["prod-byo"])
        for what, plant in SERVER_MISTAKES.items():
            said = list(server.refused(running, spoiled(plant, rendered["prod-byo"])))
            bad += not said
            print(f"| API server | {what} | {said[0][:200] if said else '**nobody**'} |")
        for overlay in OVERLAYS:
            server.prepare(running, rendered[overlay])
            found = list(server.refused(running, rendered[overlay]))
            bad += len(found)
            print(f"API server: {overlay}: {len(rendered[overlay])} objects, {len(found)} findings")
            print("".join(f"  {said}\n" for said in found), end="")
    return bad
