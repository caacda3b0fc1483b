"""The variables that a settings class reads."""

from dataclasses import dataclass
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from newsreel_runtime.settings import SettingsGroup


@dataclass(frozen=True)
class Variable:
    """One setting: whether a service does not start without it, and whether it is a secret."""

    required: bool
    secret: bool


def variables_of(group: type[SettingsGroup]) -> dict[str, Variable]:
    """Each variable of the group, and of the groups in it, by its name."""
    prefix = str(group.model_config["env_prefix"])
    found: dict[str, Variable] = {}
    for name, field in group.model_fields.items():
        inner = _group(field)
        if inner is not None:
            found |= variables_of(inner)
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
