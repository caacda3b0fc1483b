"""Every object fits its schema: Kubernetes' own in each supported version, and those of custom resources."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import kubernetes_validate

from newsreel_deploy.manifests.rendered import Object, title
from newsreel_local.paths import CHECKOUT

VERSIONS = ("1.33", "1.34", "1.35")
_SCHEMAS = CHECKOUT / "deploy" / "k8s" / "schemas"


def custom(found: Object) -> bool:
    """Whether it is of a group that Kubernetes does not have itself."""
    group = found["apiVersion"].partition("/")[0]
    return ("." in group and not group.endswith(".k8s.io")) or group == "gateway.networking.k8s.io"


def core(objects: list[Object]) -> Iterator[str]:
    """Strictly: an unknown field is an error."""
    for found in objects:
        if not custom(found) and (said := _misfit(json.dumps(found))) is not None:
            yield f"{title(found)}: {said}"


@cache  # most objects are the same in every overlay
def _misfit(text: str) -> str | None:
    found = json.loads(text)
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(found, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            return f"{version}: {'.'.join(map(str, error.path))}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError:
            return f"{version} has no {found['apiVersion']}"
    return None


def custom_resources(objects: list[Object]) -> Iterator[str]:
    """Strictly, too; a custom resource without a schema here is an error."""
    for found in objects:
        if not custom(found):
            continue
        group, version = found["apiVersion"].split("/")
        validator = _validator(group, f"{found['kind'].lower()}_{version}")
        if validator is None:
            yield f"{title(found)}: there is no schema of {found['apiVersion']} in deploy/k8s/schemas"
            continue
        for error in validator.iter_errors(found):
            yield f"{title(found)}: {'.'.join(map(str, error.instance_path))}: {error.message[:200]}"


@cache
def _validator(group: str, name: str) -> Any:
    path = _SCHEMAS / group / f"{name}.json"
    return jsonschema_rs.validator_for(json.loads(path.read_text())) if path.exists() else None
