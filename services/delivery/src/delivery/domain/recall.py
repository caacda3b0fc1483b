"""What the catalogue takes back: which state of a video recalls which files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from delivery.domain.grant import Rendition, Video

Kind = Literal["withdrawn", "corrected"]


@dataclass(frozen=True)
class Withdrawal:
    """Why the catalogue takes a video back: a word of its own, and what it says of it in public."""

    reason: str | None = None
    note: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recall:
    """Files of a video that whoever took them is told not to use. `version` is that which took them back."""

    recall_id: UUID
    video_id: UUID
    version: int
    kind: Kind
    reference: str
    titles: Mapping[str, str]
    withdrawal: Withdrawal
    made_at: datetime


@dataclass(frozen=True)
class Taken:
    """An account's files of a recall: the grants by which it took them."""

    account_id: UUID
    status: str | None
    renditions: tuple[tuple[UUID, UUID], ...]

    @property
    def may_be_told(self) -> bool:
        """One that is suspended or gone is told nothing."""
        return self.status in {None, "active", "unverified"}


@dataclass(frozen=True)
class Notice:
    """An account is told of a recall. `state`: noticed, not-told, or what became of the mail."""

    notice_id: UUID
    recall_id: UUID
    account_id: UUID
    state: str
    changed_at: datetime


def recalled(
    known: Sequence[Rendition], listed: set[UUID], now: Video
) -> tuple[Kind, list[Rendition]] | None:
    """The files that the state `now` takes back; None: it takes back none.

    `known` are all of the video's, those of the last usable state are `listed`. A withdrawn video takes back
    every file that it ever had. A usable one takes back a file that it does not list any more, or lists with
    other bytes. A state that is neither, as `withheld`, may be followed by a usable one: it takes back none.
    """
    if now.status == "withdrawn":
        return ("withdrawn", list(known)) if known else None
    if now.status != "usable":
        return None
    bytes_now = {rendition.rendition_id: rendition.sha256 for rendition in now.renditions}
    gone = [
        rendition
        for rendition in known
        if rendition.rendition_id in listed and bytes_now.get(rendition.rendition_id) != rendition.sha256
    ]
    return ("corrected", gone) if gone else None
