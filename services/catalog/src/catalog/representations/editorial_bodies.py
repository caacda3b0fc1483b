"""What editors are told."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import Field

from catalog.domain.editorial import Act
from catalog.domain.video import Status, StopReason, Video
from catalog.representations.bodies import Body, Text
from catalog.store.editorial import Listed


class StopBody(Body):
    """Why a video is stopped, as everybody is told."""

    reason: StopReason
    note: Text


class EditorialBody(Body):
    """A video as editors see it; its texts and renditions are in GET /v1/videos/{id} while it is usable."""

    id: UUID
    reference: str
    version: int = Field(description="The ETag is this number in quotation marks.")
    status: Status
    published_at: datetime
    titles: Text
    stop: StopBody | None

    @classmethod
    def of(cls, video: Video) -> "EditorialBody":
        details = {"reference": video.details.reference, "titles": video.details.titles}
        return cls.model_validate({**vars(video), **details, "id": video.video_id})


class ListedBody(Body):
    """One line of the editors' list."""

    id: UUID = Field(validation_alias="video_id")
    reference: str
    version: int
    status: Status
    published_at: datetime
    titles: Text


class ListBody(Body):
    """Videos whatever their status, the newest first."""

    items: tuple[ListedBody, ...]

    @classmethod
    def of(cls, found: Sequence[Listed]) -> "ListBody":
        return cls(items=tuple(map(ListedBody.model_validate, found)))


class ActBody(Body):
    """What was done, and the version that it made."""

    version: int
    at: datetime
    editor: str = Field(description="The account's id, or a name at the command.")
    done: str = Field(description="published, revised, withheld, released or withdrawn; others may come.")
    why: str


class HistoryBody(Body):
    """What was done to a video, oldest first."""

    items: tuple[ActBody, ...]

    @classmethod
    def of(cls, acts: Sequence[Act]) -> "HistoryBody":
        return cls(items=tuple(map(ActBody.model_validate, acts)))
