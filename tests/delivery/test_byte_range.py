"""The one range that is asked for, where delivery has to say it (RFC 9110 §13.1.5, §14.2)."""

import pytest

from delivery.domain.byte_range import UnsatisfiableRangeError, asked_range

ETAG = '"e"'


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("bytes=0-9", "bytes=0-9"),
        ("BYTES=0-9", "bytes=0-9"),
        ("bytes= 5-", "bytes=5-99"),
        ("bytes=99-99", "bytes=99-99"),
        ("bytes=90-1000", "bytes=90-99"),
        ("bytes=-1", "bytes=99-99"),
        ("bytes=-1000", "bytes=0-99"),
        ("bytes=007-8", "bytes=7-8"),
    ],
)
def test_one_range_is_cut_to_the_file(asked: str, given: str) -> None:
    for more in ({}, {"if-range": ETAG}, {"if-range": f" {ETAG} "}):
        assert asked_range({"range": asked} | more, ETAG, 100) == given


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=9-0",
        "bytes=0-1,5-6",
        "bytes=0-1, 5-6",
        "lines=0-1",
        "bytes=a-b",
        "bytes=+1-2",
        "bytes=-1-2",
        "bytes=\u0660-\u0669",
        "bytes=1.0-2",
        f"bytes={'9' * 19}-",
        "bytes=0-9\r\nX: y",
    ],
)
def test_what_is_no_single_range_is_the_whole(asked: str) -> None:
    assert asked_range({"range": asked}, ETAG, 100) is None


@pytest.mark.parametrize("known", ['"other"', 'W/"e"', "Thu, 26 Nov 2099 12:00:00 GMT", "", "e"])
def test_another_file_at_hand_is_the_whole(known: str) -> None:
    """A stale `If-Range` must never glue two files together, nor be refused."""
    for asked in ("bytes=0-9", "bytes=100-", "bytes=-0"):
        assert asked_range({"range": asked, "if-range": known}, ETAG, 100) is None


@pytest.mark.parametrize(
    ("asked", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)]
)
def test_nothing_in_the_range_is_told(asked: str, size: int) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        asked_range({"range": asked}, ETAG, size)
