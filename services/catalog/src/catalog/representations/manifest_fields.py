"""The kinds of value in a manifest: what is refused here never reaches a page, a header or a path.

Each rule is a check of its own, and says what the value is not: a second pattern of a type would replace the
first.
"""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from catalog.domain.plain_text import hidden_letter, is_legible, normal
from catalog.domain.video import Language
from newsreel_events import catalog as contract

DAY_MS = 24 * 60 * 60 * 1000


def _like(pattern: str, allowed: str, longest: int = 120) -> BeforeValidator:
    """Before the contract's own check of the type, whose words are for programs."""
    compiled = re.compile(pattern)

    def check(value: object) -> object:
        if isinstance(value, str) and (len(value) > longest or compiled.fullmatch(value) is None):
            raise ValueError(f"is not {allowed}")
        return value

    return BeforeValidator(check)


def _text(longest: int, *, lines: bool = False) -> AfterValidator:
    def check(typed: str) -> str:
        text = normal(typed)
        if not text:
            raise ValueError("is empty")
        if "\n" in text and not lines:
            raise ValueError(f"has a line break, at letter {text.index(chr(10)) + 1}; one line is allowed")
        if (hidden := hidden_letter(text, "\n" if lines else "")) is not None:
            raise ValueError(f"has a letter that is not seen: {hidden}; take it out")
        if not is_legible(text):
            raise ValueError("has nothing to read in it")
        if text != text.strip():
            raise ValueError("begins or ends with a blank; take it away")
        if len(text) > longest:
            raise ValueError(f"has {len(text)} letters; at most {longest} are allowed")
        return text

    return AfterValidator(check)


def _day(value: object) -> date:
    if not isinstance(value, str) or re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is None:
        raise ValueError("is not a day, written YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a day of the calendar") from None


Name = Annotated[str, _text(120)]
Line = Annotated[str, _text(250)]
Paragraphs = Annotated[str, _text(4000, lines=True)]
Spoken = Annotated[str, _text(2000)]

Lines = Annotated[dict[Language, Line], Field(min_length=1)]
Code = Annotated[str, _like("[a-z][a-z0-9_-]{0,31}", "a word of at most 32 of a-z, 0-9, _ and -")]
LanguageCode = Annotated[str, _like("[a-z]{2,3}", "a language's code, as en")]
Reference = Annotated[
    str, _like("[A-Z0-9][A-Z0-9-]{1,30}[A-Z0-9]", "3 to 32 of A-Z, 0-9 and -, as NR-2026-0001")
]
FileName = Annotated[
    contract.FileName,
    _like(
        r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+",
        "a file's name with an ending, of at most 120 of A-Z, a-z, 0-9, - and _; no folder",
    ),
]
PosterName = Annotated[FileName, _like(r".*\.jpe?g", "the name of a JPEG, which ends in .jpg or .jpeg")]
MediaType = Annotated[
    contract.MediaType,
    _like(
        "(?:video|application)/[a-z0-9][a-z0-9.+-]{0,63}", "a type of video, as video/mp4 or application/mxf"
    ),
]
FrameRate = Annotated[str, _like("[1-9][0-9]{0,8}/[1-9][0-9]{0,8}", "a fraction, as 25/1")]
Sha256 = Annotated[str, _like("[0-9a-f]{64}", "a sha256: 64 of 0-9 and a-f")]
Day = Annotated[date, PlainValidator(_day)]
Milliseconds = Annotated[int, Field(ge=0, le=DAY_MS)]
Duration = Annotated[int, Field(ge=1, le=DAY_MS)]
Bytes = Annotated[int, Field(ge=1, le=2**43)]


class Strict(BaseModel):
    """Unknown names are refused, and nothing is converted on the quiet."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
