"""What a feed tells of each video, and text as a feed may carry it."""

import re
from dataclasses import dataclass

from portal.domain.videos import Summary, Texts

# What XML 1.0 (§2.2) has no way to write, escaped or not, and marks of direction, which would turn around the
# words that a reader shows after them. The catalogue takes neither; a feed does not rely on that.
_UNWRITABLE = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True)
class Entry(Summary):
    """A line of the list with what must be shown beside the pictures."""

    description: Texts
    credit_line: str
    restrictions: Texts


@dataclass(frozen=True)
class Newest:
    """The newest videos, newest first."""

    items: tuple[Entry, ...]


def writable(text: str) -> str:
    """The text without characters that a feed cannot or may not carry."""
    return _UNWRITABLE.sub("", text)
