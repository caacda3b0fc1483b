"""Keyset paging: a page begins after a position in the list, newest first, and never skips or repeats."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTH = 8 + 16  # microseconds since the epoch, then the id


class BadCursorError(ValueError):
    """The text is no cursor of ours."""


@dataclass(frozen=True)
class Position:
    """The place right after one video in the list."""

    published_at: datetime
    video_id: UUID

    def cursor(self) -> str:
        """The position as opaque text of 32 letters (base64url, RFC 4648 §5)."""
        microseconds = (self.published_at - _EPOCH) // _MICROSECOND
        packed = microseconds.to_bytes(8, "big") + self.video_id.bytes
        return base64.urlsafe_b64encode(packed).decode()

    @classmethod
    def of_cursor(cls, cursor: str) -> "Position":
        """The position that `cursor` names. Raises `BadCursorError`."""
        try:
            packed = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
            if len(packed) != _LENGTH:
                raise BadCursorError("wrong length")
            published_at = _EPOCH + int.from_bytes(packed[:8], "big") * _MICROSECOND
        except (UnicodeEncodeError, binascii.Error, OverflowError) as error:
            raise BadCursorError("not a cursor") from error
        return cls(published_at, UUID(bytes=packed[8:]))
