"""File names: what is accepted, and how they are offered."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.domain.file_name import LONGEST_BYTES, clean, disposition, is_media_type, is_safe


@pytest.mark.parametrize(
    "name", ["presser.mp4", "Conférence de presse.mxf", "Прес-конференція.mov", "a;b='c'.mp4"]
)
def test_names_of_three_languages_survive(name: str) -> None:
    assert is_safe(name)
    assert unquote(disposition(name).rpartition("UTF-8''")[2]) == name


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../a", "a/b", "a\\b", 'a"b', "a\0", "a\r\nSet-Cookie: b", ".hidden", "a\u202eb", " a"],
)
def test_names_that_lead_elsewhere_or_mislead_are_not_safe(name: str) -> None:
    assert not is_safe(name)


@given(st.text(max_size=400))
def test_a_cleaned_name_is_safe_or_nothing(name: str) -> None:
    cleaned = clean(name)
    assert clean(cleaned) == cleaned
    assert len(cleaned.encode()) <= LONGEST_BYTES
    assert not cleaned or is_safe(cleaned)


@given(st.text(max_size=400))
def test_a_disposition_is_one_line_of_ascii_and_says_the_cleaned_name(name: str) -> None:
    value = disposition(name)
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2
    assert unquote(value.rpartition("UTF-8''")[2]) == (clean(name) or "download")


def test_the_ending_survives_the_cut() -> None:
    assert clean("ї" * 300 + ".mxf").endswith("ї.mxf")


@pytest.mark.parametrize(
    "text",
    ["", "video", "video/", "video/mp4\r\nX: y", "video/mp4; a=b", "відео/mp4", "a/b/c"],
)
def test_a_media_type_is_two_words(text: str) -> None:
    assert is_media_type("video/mp4")
    assert is_media_type("application/mxf")
    assert not is_media_type(text)
