"""Keyset paging of what was found: a page begins after a moment, and never skips or repeats one."""

import base64
import re
import struct
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast
from uuid import UUID

from catalog.domain.paging import BadCursorError
from catalog.domain.search.moment import Found
from catalog.domain.video import Language

# Newest first; best first; best first of those that have most of the words.
Order = Literal["newest", "relevance", "most"]

_PACKED = struct.Struct(">dI16sI")  # rank, day, video, number
# What every cursor looks like, and every text that looks like it is one: the order, the language, and 32
# bytes in base64url, unpadded.
CURSOR_PATTERN = "^(newest|relevance|most)-(en|fr|uk)-([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$"
_CURSOR = re.compile(CURSOR_PATTERN[1:-1])


@dataclass(frozen=True)
class Place:
    """The place right after one moment, in an order."""

    order: Order
    found: Found

    def cursor(self) -> str:
        """The place as opaque text (base64url, RFC 4648 §5)."""
        found = self.found
        packed = _PACKED.pack(found.rank, found.recorded_at.toordinal(), found.video_id.bytes, found.number)
        return f"{self.order}-{found.language}-{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"

    @classmethod
    def of_cursor(cls, cursor: str) -> "Place":
        """The place that `cursor` names; a day or number that cannot be is the last one that can.

        Raises `BadCursorError`.
        """
        named = _CURSOR.fullmatch(cursor)
        if named is None:
            raise BadCursorError("not a cursor")
        rank, day, video_id, number = _PACKED.unpack(base64.urlsafe_b64decode(f"{named[3]}="))
        found = Found(
            video_id=UUID(bytes=video_id),
            language=cast(Language, named[2]),
            number=min(number, 2**31 - 1),
            recorded_at=date.fromordinal(min(max(day, 1), date.max.toordinal())),
            speaker=None,
            rank=rank,
        )
        return cls(cast(Order, named[1]), found)
