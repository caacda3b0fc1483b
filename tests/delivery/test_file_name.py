"""File names: what is accepted, and how they are offered."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.domain.file_name import LONGEST_BYTES, clean, disposition


@pytest.mark.parametrize(
    "name", ["presser.mp4", "Conférence de presse.mxf", "Прес-конференція.mov", "a;b='c'.mp4"]
)
def test_names_of_three_languages_survive(name: str) -> None:
    assert clean(name) == name
    assert unquote(disposition(name).rpartition("UTF-8''")[2]) == name


@given(st.text(max_size=400))
def test_a_cleaned_name_is_safe_or_nothing(name: str) -> None:
    cleaned = clean(name)
    assert clean(cleaned) == cleaned
    assert len(cleaned.encode()) <= LONGEST_BYTES


@given(st.text(max_size=400))
def test_a_disposition_is_one_line_of_ascii_and_says_the_cleaned_name(name: str) -> None:
    value = disposition(name)
    assert value.isascii()
    assert value.isprintable()
    assert value.count('"') == 2
    assert unquote(value.rpartition("UTF-8''")[2]) == (clean(name) or "download")


def test_the_ending_survives_the_cut() -> None:
    assert clean("ї" * 300 + ".mxf").endswith("ї.mxf")
