"""How the pages write numbers, and which language they choose."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from portal.domain.languages import Text, pick, preferred
from portal.domain.password_rule import PasswordRule
from portal.inbound_http.formats import Formats, time_code

EN, FR, UK = (Formats(language) for language in ("en", "fr", "uk"))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (EN.duration(0), "1 s"),
        (EN.duration(59_600), "1 min"),
        (EN.duration(3_723_000), "1 h 2 min 3 s"),
        (time_code(3_723_999), "01:02:03"),
        (EN.size(999), "999 bytes"),
        (EN.size(1_000), "1.0 kB"),
        (EN.size(999_960), "1.0 MB"),
        (EN.size(7_200_000_000), "7.2 GB"),
        (EN.size(7 * 10**15), "7,000.0 TB"),
        (EN.bit_rate(640_000), "640 kbit/s"),
        (EN.frame_rate("30000/1001"), "29.97"),
        (EN.frame_rate("50"), "50"),
        (EN.frame_rate("25/0"), "25/0"),
        (EN.wait(1), "1 second"),
        (EN.wait(91), "2 minutes"),
        (EN.wait(86_400), "24 hours"),
        (EN.words("b_roll"), "B-roll"),
        (EN.words("crane_shot"), "Crane shot"),
        (FR.size(7_200_000_000), "7,2 Go"),
        (FR.wait(2), "2 secondes"),
        (FR.frame_rate("30000/1001"), "29,97"),
        (UK.size(999), "999 байтів"),
        (UK.wait(21), "21 секунду"),
        (UK.wait(91), "2 хвилини"),
        (UK.wait(25), "25 секунд"),
        (UK.words("press_conference"), "Пресконференція"),
        (UK.duration(3_723_000), "1 год 2 хв 3 с"),
        (
            EN.moment(datetime(2026, 5, 14, 11, 5, tzinfo=timezone(timedelta(hours=2)))),
            "14 May 2026, 09:05 UTC",
        ),
        (UK.day(datetime(2026, 5, 14, tzinfo=UTC)), "14 травня 2026\N{NARROW NO-BREAK SPACE}р."),
        (FR.day(datetime(2026, 8, 1, tzinfo=UTC)), "1 août 2026"),
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
    assert preferred((chosen,), header) == order


def test_a_text_is_picked_in_the_best_language_that_has_one() -> None:
    assert pick({"en": "", "fr": "Oui", "uk": "Так"}, ("en", "uk", "fr")) == Text("uk", "Так")
    assert pick({"de": "Ja"}, ("en",)) == Text("de", "Ja")
    assert pick({}, ("en",)) == Text("en", "")


COMMON = " Common words and your own address are not enough."
LONG = " A long password is better, such as one made by a password manager: up to 99 characters."


@pytest.mark.parametrize(
    ("requires", "refuses", "said"),
    [
        ((), (), "Use at least 9 characters of any kind, including spaces."),
        (("digit",), (), "Use at least 9 characters, including a number. Spaces may be used."),
        (
            ("upper", "digit"),
            ("space",),
            "Use at least 9 characters, without spaces, including a capital letter and a number.",
        ),
        (("rune",), ("space", "breached"), "Use at least 9 characters, without spaces."),
        ((), ("common",), f"Use at least 9 characters of any kind, including spaces.{COMMON}"),
    ],
)
def test_a_password_rule_is_written_as_far_as_it_is_known(
    requires: tuple[str, ...], refuses: tuple[str, ...], said: str
) -> None:
    assert EN.in_words(PasswordRule(9, 99, requires, refuses)) == said + LONG


def test_a_password_rule_is_written_in_each_language() -> None:
    rule = PasswordRule(12, 128, ("upper", "lower", "digit", "symbol"), ("space",))
    assert FR.in_words(rule).startswith(
        "Utilisez au moins 12 caractères, sans espaces, dont une majuscule, une minuscule, un chiffre et"
        " un symbole."
    )
    assert "велика літера, мала літера, цифра" in UK.in_words(rule)
    assert EN.in_words(None) == ""
