"""The languages of the pages: gettext catalogues, read as they are written (`locale/<language>.po`).

English is what stands in the templates and in this package. A text for people is marked where it stands, by
`_` or `trans` in a template, by `translatable` in Python; `make messages` brings the catalogues in step.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import NewType

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALE = Path(__file__).parents[1] / "locale"


Translatable = NewType("Translatable", str)
"""An English text that is marked: it has its place in each catalogue."""


def translatable(text: str) -> Translatable:
    """Mark a text that is translated where it is shown."""
    return Translatable(text)


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language; English needs none. Raises `OSError` when there is no such catalogue."""
    if language == "en":
        return NullTranslations()
    compiled = io.BytesIO()
    with (LOCALE / f"{language}.po").open("rb") as written:
        write_mo(compiled, read_po(written, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@dataclass(frozen=True)
class Said:
    """A translatable text and what stands in its places, until it is shown in some language."""

    text: Translatable
    values: Mapping[str, object] = field(default_factory=dict)

    def in_language(self, language: str) -> str:
        values = {
            name: value.in_language(language) if isinstance(value, Said) else value
            for name, value in self.values.items()
        }
        return translations(language).gettext(self.text).format_map(values)
