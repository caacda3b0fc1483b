"""What a person was granted, as delivery tells it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain.videos import Texts


@dataclass(frozen=True)
class File:
    """`size_bytes` of the whole."""

    file: str
    size_bytes: int


@dataclass(frozen=True)
class Download:
    """A grant. `state`: `live`, `revoked`, `replaced`, `withheld` or `withdrawn`; of another the page offers
    nothing.

    Without titles or rendition the catalogue erased the video, or published it long ago.
    """

    grant_id: UUID
    state: str
    video_id: UUID
    titles: Texts
    video_version: int | None
    newest_version: int | None
    rendition: File | None
    granted_at: datetime
    redeemed_at: datetime | None
    revoked_at: datetime | None

    @property
    def newer_version(self) -> int | None:
        """The version that came out since this one was taken."""
        is_newer = (self.newest_version or 0) > (self.video_version or self.newest_version or 0)
        return self.newest_version if is_newer else None


@dataclass(frozen=True)
class Downloads:
    """One page of them, newest first; `next_cursor` leads to the older ones."""

    items: tuple[Download, ...]
    next_cursor: UUID | None = None
