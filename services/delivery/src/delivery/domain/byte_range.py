"""Which part of a file is asked for, where nobody behind us judges that (RFC 9110 §13.1.5, §14.2)."""

import re
from collections.abc import Mapping

_ONE = re.compile(r"bytes=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.IGNORECASE)


class UnsatisfiableRangeError(Exception):
    """Nothing of the file is in the range."""


def asked_range(headers: Mapping[str, str], etag: str, size: int) -> str | None:
    """The one range of bytes that a GET is for, as `bytes=0-9`, or None for the whole.

    The whole is for whoever has another file (`If-Range`), asks for several ranges or for another unit, or
    for none that makes sense. Names in `headers` are small. Raises `UnsatisfiableRangeError`.
    """
    found = _ONE.fullmatch(headers.get("range", ""))
    if found is None or headers.get("if-range", etag).strip() != etag:
        return None
    first, last = found.groups()
    if not first:
        return _last_bytes(int(last), size) if last else None
    begin, end = int(first), int(last) if last else size - 1
    if last and end < begin:
        return None
    if begin >= size:
        raise UnsatisfiableRangeError
    return f"bytes={begin}-{min(end, size - 1)}"


def _last_bytes(count: int, size: int) -> str:
    if not count or not size:
        raise UnsatisfiableRangeError
    return f"bytes={max(size - count, 0)}-{size - 1}"
