"""What an editor says of an act, from the command or the API; limits on every field."""

from typing import Annotated

from pydantic import AfterValidator, Field

from catalog.domain.edit import Edit
from catalog.domain.video import Language, StopReason
from catalog.representations.manifest_fields import Line, Name, Paragraphs, Strict


def _nameless(text: str) -> str:
    """It outlives the video and the people of the house."""
    if "@" in text:
        raise ValueError("has a mail address; leave it out")
    return text


Keywords = Annotated[tuple[Name, ...], Field(max_length=50, strict=False)]  # a list in JSON
Kept = Annotated[Line, AfterValidator(_nameless)]


class NoteRequest(Strict):
    """Why something is done, for the house alone."""

    why: Kept = Field(description="One line for the history; public nowhere.")


class EditRequest(NoteRequest):
    """Other texts. A language that is not named stays, one with null is said no more (RFC 7386)."""

    titles: dict[Language, Line | None] = Field(default_factory=dict)
    headlines: dict[Language, Line | None] = Field(default_factory=dict)
    descriptions: dict[Language, Paragraphs | None] = Field(default_factory=dict)
    restrictions: dict[Language, Paragraphs | None] = Field(default_factory=dict)
    keywords: dict[Language, Keywords | None] = Field(default_factory=dict)
    location: Line | None = None
    credit_line: Line | None = None

    def edit(self) -> Edit:
        """The names are the domain's."""
        return Edit(**{name: value for name, value in self if name != "why"})


class StopRequest(NoteRequest):
    """Why a video is stopped: for the history, and for everybody."""

    reason: StopReason = Field(description="Public.")
    note: dict[Language, Paragraphs] = Field(
        default_factory=dict, description="Public: what readers are told, by language."
    )
