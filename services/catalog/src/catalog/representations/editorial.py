"""What an editor says of an act, from the command or the API; limits on every field."""

from typing import Annotated

from pydantic import AfterValidator, Field

from catalog.domain.video import Language, StopReason
from catalog.representations.manifest_fields import Line, Paragraphs, Strict


def _nameless(text: str) -> str:
    """It outlives the video and the people of the house."""
    if "@" in text:
        raise ValueError("has a mail address; leave it out")
    return text


Kept = Annotated[Line, AfterValidator(_nameless)]


class NoteRequest(Strict):
    """Why something is done, for the house alone."""

    why: Kept = Field(description="One line for the history; public nowhere.")


class StopRequest(NoteRequest):
    """Why a video is stopped: for the history, and for everybody."""

    reason: StopReason = Field(description="Public.")
    note: dict[Language, Paragraphs] = Field(
        default_factory=dict, description="Public: what readers are told, by language."
    )
