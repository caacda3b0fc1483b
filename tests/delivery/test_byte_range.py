"""Which bytes a request gets, beside the slices of a Python sequence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.domain.byte_range import Slice, Verdict, chosen

ETAG = '"abc"'
SIZE = 1000
WHOLE = Slice(Verdict.WHOLE, 0, SIZE)

sizes = st.integers(0, 2000)
offsets = st.integers(0, 2500)


def asked(text: str, size: int = SIZE, method: str = "GET", **conditions: str) -> Slice:
    headers = {name.replace("_", "-"): value for name, value in conditions.items()}
    return chosen(method, {"range": text, **headers}, ETAG, size)


@given(sizes, offsets, offsets)
def test_first_to_last_equals_the_slice(size: int, first: int, last: int) -> None:
    found = asked(f"bytes={first}-{last}", size)
    everything = bytes(size)
    if last < first:
        assert found == Slice(Verdict.WHOLE, 0, size)
    elif first >= size:
        assert found.verdict is Verdict.UNSATISFIABLE
    else:
        assert found.verdict is Verdict.PART
        assert (found.start, found.length) == (first, len(everything[first : last + 1]))


@given(sizes, offsets)
def test_an_open_range_goes_to_the_end(size: int, first: int) -> None:
    expected = Slice(Verdict.PART, first, size) if first < size else Slice(Verdict.UNSATISFIABLE, 0, 0)
    assert asked(f"bytes={first}-", size) == expected


@given(sizes, offsets)
def test_a_suffix_is_the_last_bytes(size: int, last: int) -> None:
    if size and last:
        assert asked(f"bytes=-{last}", size) == Slice(Verdict.PART, max(0, size - last), size)
    else:
        assert asked(f"bytes=-{last}", size).verdict is Verdict.UNSATISFIABLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-2",
        "bytes=0-1,5-6",
        "items=0-5",
        "bytes=0-5x",
        "b=\0",
    ],
)
def test_what_is_not_a_single_range_of_bytes_is_ignored(text: str) -> None:
    assert asked(text) == WHOLE


@given(st.text(max_size=30))
def test_no_header_breaks_it(text: str) -> None:
    names = ("range", "if-range", "if-match", "if-none-match")
    part = chosen("GET", dict.fromkeys(names, text), ETAG, SIZE)
    assert 0 <= part.start <= part.end <= SIZE


def test_head_has_no_ranges() -> None:
    assert asked("bytes=0-5", method="HEAD") == WHOLE


@pytest.mark.parametrize(
    ("if_range", "verdict"),
    [
        (ETAG, Verdict.PART),
        ('"other"', Verdict.WHOLE),
        ('W/"abc"', Verdict.WHOLE),
        ("Tue, 24 Nov 2026 12:00:00 GMT", Verdict.WHOLE),
    ],
)
def test_if_range_compares_strongly(if_range: str, verdict: Verdict) -> None:
    assert asked("bytes=1-5", if_range=if_range).verdict is verdict


@pytest.mark.parametrize(
    ("header", "same"),
    [(ETAG, True), ('"x", W/"abc"', True), ("*", True), ('"x"', False), ("abc", False), ("", False)],
)
def test_if_none_match_compares_weakly_and_comes_first(header: str, *, same: bool) -> None:
    part = asked("bytes=0-1", if_none_match=header)
    assert (part.verdict is Verdict.NOT_MODIFIED) == same


@pytest.mark.parametrize(
    ("header", "same"),
    [(ETAG, True), ('"x", "abc"', True), ("*", True), ('W/"abc"', False), ('"x"', False), ("abc", False)],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_if_match_compares_strongly_and_before_all_others(method: str, header: str, *, same: bool) -> None:
    part = asked("bytes=0-1", method=method, if_match=header, if_none_match='"x"')
    assert (part.verdict is not Verdict.FAILED) == same
