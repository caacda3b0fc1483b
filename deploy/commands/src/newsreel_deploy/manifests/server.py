"""A real API server's opinion of rendered objects: a strict dry run.

Its warnings count, too: what is deprecated, and what Pod Security's standard `restricted` says of a
workload's pods.
"""

from collections.abc import Iterator

import yaml

from newsreel_deploy.cluster.control_plane import ControlPlane
from newsreel_deploy.cluster.errors import ClusterError
from newsreel_deploy.manifests.rendered import Object, of_kind, title
from newsreel_deploy.manifests.schema_rules import custom

_ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def prepare(server: ControlPlane, objects: list[Object]) -> None:
    """Make the namespace, and the kinds of custom resources; their schemas are another rule's."""
    kinds = {(found["apiVersion"], found["kind"]) for found in objects if custom(found)}
    definitions = [_definition(api, kind) for api, kind in sorted(kinds)]
    made = [*of_kind(objects, "Namespace"), *definitions]
    server.kubectl("apply", "--server-side", "-f", "-", text=yaml.safe_dump_all(made))
    for definition in definitions:
        name = f"crd/{definition['metadata']['name']}"
        server.kubectl("wait", "--for=condition=Established", name, "--timeout=30s")


def refused(server: ControlPlane, objects: list[Object]) -> Iterator[str]:
    """What the server says against them; all at once, and one by one where it refuses."""
    if _dry_run(server, objects) is not None:
        for found in objects:
            said = _dry_run(server, [found])
            if said is not None:
                yield f"{title(found)}: {said}"


def _dry_run(server: ControlPlane, objects: list[Object]) -> str | None:
    words = (
        "apply",
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
        "--warnings-as-errors",
        "-f",
        "-",
    )
    try:
        server.kubectl(*words, text=yaml.safe_dump_all(objects))
    except ClusterError as error:
        return str(error).partition("ended with")[2]
    return None


def _definition(api: str, kind: str) -> Object:
    group, version = api.split("/")
    plural = f"{kind.lower()}s"
    approved = {"api-approved.kubernetes.io": "unapproved, for a test"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}", "annotations": approved},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": _ANYTHING},
                }
            ],
        },
    }
