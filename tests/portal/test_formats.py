"""How the pages write numbers, and which language they choose."""

from datetime import datetime, timedelta, timezone

import pytest

from portal.domain.languages import Text, pick, preferred
from portal.domain.password_rule import PasswordRule
from portal.inbound_http import formats


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.duration(0), "1 s"),
        (formats.duration(59_600), "1 min"),
        (formats.duration(3_723_000), "1 h 2 min 3 s"),
        (formats.time_code(3_723_999), "01:02:03"),
        (formats.size(999), "999 bytes"),
        (formats.size(1_000), "1.0 kB"),
        (formats.size(999_960), "1.0 MB"),
        (formats.size(7_200_000_000), "7.2 GB"),
        (formats.size(7 * 10**15), "7000.0 TB"),
        (formats.bit_rate(640_000), "640 kbit/s"),
        (formats.frame_rate("30000/1001"), "29.97"),
        (formats.frame_rate("50"), "50"),
        (formats.frame_rate("25/0"), "25/0"),
        (formats.wait(1), "1 second"),
        (formats.wait(91), "2 minutes"),
        (formats.wait(86_400), "24 hours"),
        (formats.words("b_roll"), "B roll"),
        (
            formats.moment(datetime(2026, 5, 14, 11, 5, tzinfo=timezone(timedelta(hours=2)))),
            "14 May 2026, 09:05 UTC",
        ),
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
    assert pick({"en": "", "fr": "Oui", "uk": "Так"}, ("en", "uk", "fr")) == Text("uk", "Так")
    assert pick({"de": "Ja"}, ("en",)) == Text("de", "Ja")
    assert pick({}, ("en",)) == Text("en", "")


HARDLY = "Common words and your own address hardly count"
LONG = ". Long is good: up to 99 characters, made by a password manager for example."


@pytest.mark.parametrize(
    ("requires", "refuses", "said"),
    [
        ((), (), "At least 9 characters of any kind, spaces too"),
        (("digit",), (), "At least 9 characters, spaces too, with a digit"),
        (
            ("upper", "digit"),
            ("space",),
            "At least 9 characters and no spaces, with a capital letter and a digit",
        ),
        (("rune",), ("space", "breached"), "At least 9 characters and no spaces"),
        ((), ("common",), f"At least 9 characters of any kind, spaces too. {HARDLY}"),
    ],
)
def test_a_password_rule_is_written_as_far_as_it_is_known(
    requires: tuple[str, ...], refuses: tuple[str, ...], said: str
) -> None:
    assert formats.in_words(PasswordRule(9, 99, requires, refuses)) == said + LONG
