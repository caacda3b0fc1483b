"""Whether a request wants the file that there is (RFC 9110 §13.1, §13.2.2); ranges are the edge's."""

import re
from collections.abc import Mapping
from enum import Enum, auto

_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


class Outcome(Enum):
    """Send it, whole or in part; nothing is new; or another file was meant."""

    SEND = auto()
    NOT_MODIFIED = auto()
    FAILED = auto()


def judge(headers: Mapping[str, str], etag: str) -> Outcome:
    """For a representation with the strong entity tag `etag` (with quotes); names in `headers` are small."""
    if "if-match" in headers and not _names(headers["if-match"], etag, weakly=False):
        return Outcome.FAILED
    if "if-none-match" in headers and _names(headers["if-none-match"], etag, weakly=True):
        return Outcome.NOT_MODIFIED
    return Outcome.SEND


def _names(header: str, etag: str, *, weakly: bool) -> bool:
    """Whether a list of entity tags, or `*`, names the tag (RFC 9110 §13.1.1, §13.1.2)."""
    if header.strip() == "*":
        return True
    return any(tag == etag and (weakly or not weak) for weak, tag in _TAG.findall(header))
