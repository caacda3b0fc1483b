"""A type has one pattern: pydantic lets a second one replace the first in silence (trial B3).

And none needs what Debian's Python 3.11.2 matches wrongly, possessive quantifiers and atomic groups
(python/cpython#106052, mended in 3.11.5): signed URLs passed there that are to be refused.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import BaseModel, Field, StringConstraints

PACKAGES = ("newsreel_events", "identity", "notifier", "catalog", "delivery", "portal")


def modules(package: str) -> Iterator[ModuleType]:
    """Every module of a package."""
    root = importlib.import_module(package)
    for found in pkgutil.walk_packages(root.__path__, f"{package}."):
        if found.name.endswith("__main__"):
            continue
        try:
            yield importlib.import_module(found.name)
        except ModuleNotFoundError:  # behind an extra of its package
            continue


def models(package: str) -> Iterator[type[BaseModel]]:
    """Every model of a package."""
    for module in modules(package):
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, BaseModel)
                and value.__module__ == module.__name__
            ):
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


def gives_nothing_back(pattern: re.Pattern[str] | re.Pattern[bytes]) -> bool:
    """Whether it has a possessive quantifier or an atomic group, by Python's own reading of it."""
    read = str(importlib.import_module("re._parser").parse(pattern.pattern, pattern.flags))
    return "POSSESSIVE_REPEAT" in read or "ATOMIC_GROUP" in read


@pytest.mark.parametrize("package", [*PACKAGES, "newsreel_runtime"])
def test_no_expression_is_one_that_older_pythons_match_wrongly(package: str) -> None:
    found = {
        f"{module.__name__}.{name}"
        for module in modules(package)
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern) and gives_nothing_back(value)
    }
    assert found == set()


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        *((text, True) for text in ("[a-z]*+b", "a++", "a?+", "(?:ab){1,2}+", "(?>a|b)")),
        *((text, False) for text in ("[+*]+", r"a\*+", "a+b+", r"[^\]+*]+", "(?:a)+?")),
    ],
)
def test_such_an_expression_is_caught(text: str, caught: bool) -> None:
    assert gives_nothing_back(re.compile(text)) is caught
