"""Other texts for a published video."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from catalog.domain.video import Details, Language

NEEDED = ("titles", "headlines", "descriptions")  # said in at least one language


@dataclass(frozen=True)
class Edit:
    """What is said instead. A language that is not named stays, one with None is said no more.

    `location` and `credit_line` stay when they are None.
    """

    titles: Mapping[Language, str | None] = field(default_factory=dict)
    headlines: Mapping[Language, str | None] = field(default_factory=dict)
    descriptions: Mapping[Language, str | None] = field(default_factory=dict)
    restrictions: Mapping[Language, str | None] = field(default_factory=dict)
    keywords: Mapping[Language, tuple[str, ...] | None] = field(default_factory=dict)
    location: str | None = None
    credit_line: str | None = None

    def of(self, details: Details) -> Details:
        """The details with these texts."""
        changed: dict[str, Any] = {}
        for each in fields(self):
            known, given = getattr(details, each.name), getattr(self, each.name)
            if isinstance(given, Mapping):
                merged = {**known, **given}
                given = {language: text for language, text in merged.items() if text is not None}
            changed[each.name] = known if given is None else given
        return replace(details, **changed)


def changes(new: Details, old: Details) -> tuple[str, ...]:
    """The names of the fields that differ."""
    return tuple(each.name for each in fields(Edit) if getattr(new, each.name) != getattr(old, each.name))
