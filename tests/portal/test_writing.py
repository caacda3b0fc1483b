"""How the pages write numbers, and which language they choose."""

import pytest

from portal.domain.languages import Said, pick, preferred
from portal.inbound_http import writing


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (writing.duration(0), "1 s"),
        (writing.duration(59_600), "1 min"),
        (writing.duration(3_723_000), "1 h 2 min 3 s"),
        (writing.time_code(3_723_999), "01:02:03"),
        (writing.size(999), "999 bytes"),
        (writing.size(1_000), "1.0 kB"),
        (writing.size(999_960), "1.0 MB"),
        (writing.size(7_200_000_000), "7.2 GB"),
        (writing.size(7 * 10**15), "7000.0 TB"),
        (writing.bit_rate(640_000), "640 kbit/s"),
        (writing.frame_rate("30000/1001"), "29.97"),
        (writing.frame_rate("50"), "50"),
        (writing.frame_rate("25/0"), "25/0"),
        (writing.wait(1), "1 second"),
        (writing.wait(91), "2 minutes"),
        (writing.wait(86_400), "24 hours"),
        (writing.words("b_roll"), "B roll"),
    ],
)
def test_numbers_are_written_for_people(written: str, expected: str) -> None:
    assert written == expected


@pytest.mark.parametrize(
    ("chosen", "header", "order"),
    [
        (None, "", ("en", "fr", "uk")),
        ("uk", "fr", ("uk", "fr", "en")),
        (None, "fr;q=0, uk;q=0.5, de", ("uk", "en", "fr")),
        (None, "fr;q=nan, uk;q=inf, en-GB;q=2", ("en", "fr", "uk")),
        ("../x", "FR-be", ("fr", "en", "uk")),
    ],
)
def test_languages_are_ranked(chosen: str | None, header: str, order: tuple[str, ...]) -> None:
    assert preferred(chosen, header) == order


def test_a_text_is_picked_in_the_best_language_that_has_one() -> None:
    assert pick({"en": "", "fr": "Oui", "uk": "Так"}, ("en", "uk", "fr")) == Said("uk", "Так")
    assert pick({"de": "Ja"}, ("en",)) == Said("de", "Ja")
    assert pick({}, ("en",)) == Said("en", "")
