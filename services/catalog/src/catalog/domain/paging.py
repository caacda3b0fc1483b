"""Keyset paging: a page begins after a position in the list, newest first, and never skips or repeats."""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIME = 7  # bytes of microseconds since the epoch: enough for the year 4253; the id follows

# What every cursor looks like, and every text that looks like it is one: 23 bytes in base64url, unpadded.
CURSOR_PATTERN = "^[A-Za-z0-9_-]{30}[AEIMQUYcgkosw048]$"
_CURSOR = re.compile(CURSOR_PATTERN[1:-1])


class BadCursorError(ValueError):
    """The text is no cursor of ours."""


@dataclass(frozen=True)
class Position:
    """The place right after one video in the list."""

    published_at: datetime
    video_id: UUID

    def cursor(self) -> str:
        """The position as opaque text of 31 letters (base64url, RFC 4648 §5)."""
        microseconds = (self.published_at - _EPOCH) // _MICROSECOND
        packed = microseconds.to_bytes(_TIME, "big") + self.video_id.bytes
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def of_cursor(cls, cursor: str) -> "Position":
        """The position that `cursor` names. Raises `BadCursorError`."""
        if _CURSOR.fullmatch(cursor) is None:
            raise BadCursorError("not a cursor")
        packed = base64.urlsafe_b64decode(f"{cursor}=")
        published_at = _EPOCH + int.from_bytes(packed[:_TIME], "big") * _MICROSECOND
        return cls(published_at, UUID(bytes=packed[_TIME:]))
