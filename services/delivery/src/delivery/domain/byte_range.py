"""Which bytes of a representation a request gets (RFC 9110 §13, §14)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

_SINGLE = re.compile(r"bytes=[ \t]*([0-9]{0,64})-([0-9]{0,64})[ \t]*", re.IGNORECASE)
_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


class Verdict(Enum):
    """What the answer is: everything, a part, nothing new, another file, or a range that does not exist."""

    WHOLE = auto()
    PART = auto()
    NOT_MODIFIED = auto()
    FAILED = auto()
    UNSATISFIABLE = auto()


@dataclass(frozen=True)
class Slice:
    """Bytes `start` up to, not including, `end`."""

    verdict: Verdict
    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


def chosen(method: str, headers: Mapping[str, str], etag: str, size: int) -> Slice:
    """What to answer for a representation of `size` bytes with the strong entity tag `etag` (with quotes).

    The names in `headers` are in small letters. Several ranges in one request are answered with the whole, as
    RFC 9110 §14.2 allows: no client of large files needs them, and overlapping sets are a known way to wear a
    server out. HEAD ignores `Range`.
    """
    if "if-match" in headers and not _matches(headers["if-match"], etag, weakly=False):
        return Slice(Verdict.FAILED, 0, 0)
    if "if-none-match" in headers and _matches(headers["if-none-match"], etag, weakly=True):
        return Slice(Verdict.NOT_MODIFIED, 0, 0)
    whole = Slice(Verdict.WHOLE, 0, size)
    if method != "GET" or headers.get("if-range", etag).strip() != etag:
        return whole  # strong comparison; a date never matches, no Last-Modified is ever sent
    found = _SINGLE.fullmatch(headers.get("range", "").strip())
    if found is None or not (found[1] or found[2]):
        return whole  # none, another unit, several ranges or a malformed one: ignored (§14.2)
    return _single(found[1], found[2], size) or whole


def _single(first: str, last: str, size: int) -> Slice | None:
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start = int(first)
        end = size if not last else min(int(last) + 1, size)
        if last and int(last) < start:
            return None
    if start >= end:
        return Slice(Verdict.UNSATISFIABLE, 0, 0)
    return Slice(Verdict.PART, start, end)


def _matches(header: str, etag: str, *, weakly: bool) -> bool:
    """Whether a list of entity tags, or `*`, names the tag (RFC 9110 §13.1.1, §13.1.2)."""
    if header.strip() == "*":
        return True
    return any(tag == etag and (weakly or not weak) for weak, tag in _TAG.findall(header))
