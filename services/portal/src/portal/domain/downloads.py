"""What a person was granted, as delivery tells it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from portal.domain.videos import Texts


@dataclass(frozen=True)
class File:
    """`size_bytes` and `sha256` (hexadecimal) of the whole."""

    file: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class BearerTicket:
    """An address of the file that needs no session, and lives; what it is, is not told again."""

    ticket_id: UUID
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class NewTicket:
    """A bearer ticket as it is told this once."""

    url: str = field(repr=False)
    expires_at: datetime
    rendition: File


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
    bearer_tickets: tuple[BearerTicket, ...] = ()

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
