"""The kinds of value in a manifest: what is refused here never reaches a page, a header or a path."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from catalog.domain.video import Language

_EDGE = r"[^\s\x00-\x1f\x7f-\x9f]"
_ONE_LINE = rf"^{_EDGE}(?:[^\x00-\x1f\x7f-\x9f]*{_EDGE})?$"
_PARAGRAPHS = rf"^{_EDGE}(?:[^\x00-\x09\x0b-\x1f\x7f-\x9f]*{_EDGE})?$"

DAY_MS = 24 * 60 * 60 * 1000

Name = Annotated[str, StringConstraints(max_length=120, pattern=_ONE_LINE)]
Line = Annotated[str, StringConstraints(max_length=250, pattern=_ONE_LINE)]
Paragraphs = Annotated[str, StringConstraints(max_length=4000, pattern=_PARAGRAPHS)]
Spoken = Annotated[str, StringConstraints(max_length=2000, pattern=_ONE_LINE)]

Lines = Annotated[dict[Language, Line], Field(min_length=1)]
Code = Annotated[str, StringConstraints(max_length=32, pattern=r"^[a-z][a-z0-9_-]*$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Reference = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9](?:[A-Z0-9-]{1,30})[A-Z0-9]$")]
FileName = Annotated[
    str, StringConstraints(max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+$")
]
MediaType = Annotated[str, StringConstraints(max_length=80, pattern=r"^(?:video|application)/[a-z0-9.+-]+$")]
FrameRate = Annotated[str, StringConstraints(max_length=20, pattern=r"^[1-9][0-9]*/[1-9][0-9]*$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Milliseconds = Annotated[int, Field(ge=0, le=DAY_MS)]
Duration = Annotated[int, Field(ge=1, le=DAY_MS)]
Bytes = Annotated[int, Field(ge=1, le=2**43)]


class Strict(BaseModel):
    """Unknown names are refused, and nothing is converted on the quiet."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
