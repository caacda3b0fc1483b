"""A type has one pattern: pydantic lets a second one replace the first in silence (trial B3)."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel, Field, StringConstraints

PACKAGES = ("newsreel_events", "identity", "notifier", "catalog", "delivery", "portal")


def models(package: str) -> Iterator[type[BaseModel]]:
    """Every model of a package."""
    root = importlib.import_module(package)
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if found.name.endswith("__main__"):
            continue
        try:
            module = importlib.import_module(found.name)
        except ModuleNotFoundError:  # behind an extra of its package
            continue
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == found.name:
                yield value


def doubled(annotation: Any, metadata: tuple[Any, ...] = ()) -> bool:
    """Whether the type, or one inside it, has two patterns."""
    if get_origin(annotation) is Annotated:
        annotation, *beside = get_args(annotation)
        return doubled(annotation, (*beside, *metadata))
    parts = [part for rule in metadata for part in (rule, *getattr(rule, "metadata", ()))]
    patterns = [part for part in parts if getattr(part, "pattern", None) is not None]
    return len(patterns) > 1 or any(doubled(inner) for inner in get_args(annotation))


def doubled_fields(model: type[BaseModel]) -> list[str]:
    """The names of its fields whose type has two patterns."""
    fields = model.model_fields.items()
    return [name for name, field in fields if doubled(field.annotation, tuple(field.metadata))]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_field_has_two_patterns(package: str) -> None:
    assert {
        model.__qualname__: doubled_fields(model) for model in models(package) if doubled_fields(model)
    } == {}


def test_a_second_pattern_is_caught() -> None:
    name = Annotated[str, StringConstraints(pattern="^[a-z.]+$")]

    class Planted(BaseModel):
        single: name
        poster: Annotated[name, StringConstraints(pattern="jpg$")]
        files: tuple[Annotated[name, Field(pattern="mp4$")], ...]

    assert doubled_fields(Planted) == ["poster", "files"]
