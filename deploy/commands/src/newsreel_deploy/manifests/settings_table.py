"""The variables that each service reads, from its settings class."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from newsreel_runtime.settings import SettingsGroup, Telemetry

SERVICES = ("identity", "notifier", "catalog", "delivery", "portal")


@dataclass(frozen=True)
class Variable:
    """One setting: whether a service does not start without it, and whether it is a secret."""

    required: bool
    secret: bool


def variables(service: str) -> dict[str, Variable]:
    """Each variable of `service`, of the groups of the runtime and of its telemetry too."""
    settings = import_module(f"{service}.settings")
    found = _of(settings.Settings) | _of(Telemetry)
    if hasattr(settings, "ImportSettings"):
        found |= _of(settings.ImportSettings)
    return found


def _of(group: type[SettingsGroup]) -> dict[str, Variable]:
    prefix = str(group.model_config["env_prefix"])
    found: dict[str, Variable] = {}
    for name, field in group.model_fields.items():
        inner = _group(field)
        if inner is not None:
            found |= _of(inner)
        else:
            alias = field.validation_alias
            variable = alias if isinstance(alias, str) else f"{prefix}{name}".upper()
            found[variable] = Variable(field.is_required(), _secret(field.annotation))
    return found


def _group(field: FieldInfo) -> type[SettingsGroup] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, SettingsGroup) else None


def _secret(kind: Any) -> bool:
    return kind is SecretStr or any(map(_secret, get_args(kind)))
