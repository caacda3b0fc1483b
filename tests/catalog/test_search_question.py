"""The language of the search: whatever is typed is understood somehow, and it is said how."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.domain.search.question import LONGEST, MOST_WORDS, Ignored, Question, read_question


def test_words_phrases_and_fields() -> None:
    typed = 'ceasefire "free and fair" speaker:"Ana Lind" place:Brussels event:summit lang:fr has:captions'
    assert read_question(f"{typed} from:2026-01 to:2026-02") == Question(
        words=("ceasefire",),
        phrases=(("free", "and", "fair"),),
        speakers=(("Ana", "Lind"),),
        places=(("Brussels",),),
        events=(("summit",),),
        languages=("fr",),
        since=date(2026, 1, 1),
        until=date(2026, 2, 28),
        captions=True,
    )


@pytest.mark.parametrize(
    "quoted", ["“a b”", "„a b“", "«a b»", "« a b »", '"a b', '"a  b"', "\N{FULLWIDTH QUOTATION MARK}a b"]
)
def test_all_quotation_marks_are_some(quoted: str) -> None:
    assert read_question(quoted) == Question(phrases=(("a", "b"),))


def test_a_quoted_word_is_a_word() -> None:
    assert read_question('"peace"') == Question(words=("peace",))


@pytest.mark.parametrize(
    ("typed", "since", "until"),
    [
        ("from:2026 to:2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("from:2026-12 to:2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("from:2028-02 to:2028-02", date(2028, 2, 1), date(2028, 2, 29)),
        ("FROM: 2026-5-4 To : 2026-05-04", date(2026, 5, 4), date(2026, 5, 4)),
        ("to:9999-12", None, date(9999, 12, 31)),
    ],
)
def test_days_months_and_years(typed: str, since: date | None, until: date | None) -> None:
    assert read_question(typed) == Question(since=since, until=until)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("lang:klingon", "no-such-language"),
        ("from:tomorrow", "no-such-day"),
        ("to:2026-02-30", "no-such-day"),
        ("from:0000", "no-such-day"),
        ("has:sound", "only-captions"),
        ("speaker:", "no-value"),
        ("speaker:!!!", "no-value"),
    ],
)
def test_what_is_not_understood_is_said(typed: str, reason: str) -> None:
    question = read_question(f"peace {typed}")
    assert question.words == ("peace",)
    assert [(said.text, said.reason) for said in question.ignored] == [(typed, reason)]


def test_there_are_limits() -> None:
    long = read_question("a" * 2 * LONGEST)
    assert long.ignored == (Ignored("…", "too-long"),)
    many = read_question(" ".join(f"w{number}" for number in range(MOST_WORDS + 1)))
    assert len(many.words) == MOST_WORDS
    assert many.ignored == (Ignored(f"w{MOST_WORDS}", "too-many-words"),)


@pytest.mark.parametrize("typed", ["", "   ", '""', "!!! & | <-> ( ) :* \\ '", "\x00", "\u202e"])
def test_nothing_may_be_asked(typed: str) -> None:
    assert read_question(typed).is_empty


def test_a_colon_makes_no_field_of_other_words() -> None:
    assert read_question("https://nato.int Re: peace").words == ("https", "nato", "int", "Re", "peace")


@given(st.text(max_size=2 * LONGEST))
@example('speaker:"')
@example("from:" * 200)
@example("\ud800")
def test_whatever_is_typed_is_a_question(typed: str) -> None:
    question = read_question(typed)
    parts = [*question.spoken, *question.speakers, *question.places, *question.events]
    assert sum(map(len, parts)) <= MOST_WORDS
    assert all(part and all(part) for part in parts)
    assert question.loosened().phrases == ()
