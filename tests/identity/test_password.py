"""The password policy, clause by clause."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.password import MAX_LENGTH, refusals
from identity.domain.password_hash import DUMMY, hash_password, is_outdated, matches

UPPER = st.characters(categories=["Lu"])
LOWER = st.characters(categories=["Ll"])
DIGIT = st.characters(categories=["Nd"])
SYMBOL = st.characters(categories=["Po", "Sm"], codec="ascii")
STABLE = st.text(st.one_of(UPPER, LOWER, DIGIT, SYMBOL), min_size=8, max_size=24)


def codes(password: str) -> set[str]:
    """The reasons for which it is refused, but that it is guessable: tests/identity/test_guessable.py."""
    return {refusal.code for refusal in refusals(password)} - {"too-common"}


@st.composite
def accepted(draw: st.DrawFn) -> str:
    """A password that meets every clause."""
    ascii_text = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)
    return "".join(draw(st.permutations(["A", "a", "7", "!", draw(ascii_text)])))


@given(accepted())
def test_a_good_one_is_accepted(password: str) -> None:
    assert codes(password) == set()


CLAUSES = {
    "needs-upper": "correct-horse-7",
    "needs-lower": "CORRECT-HORSE-7",
    "needs-digit": "Correct-Horse-X",
    "needs-symbol": "CorrectHorse777",
    "too-short": "Correct-7xx",
    "too-long": "Aa7!" * 32 + "x",
    "has-space": "Correct Horse-7",
}


@pytest.mark.parametrize(("code", "password"), CLAUSES.items())
def test_each_clause_alone(code: str, password: str) -> None:
    assert codes(password) == {code}


def test_all_reasons_at_once() -> None:
    assert codes("") == {"too-short", "needs-upper", "needs-lower", "needs-digit", "needs-symbol"}
    assert codes(" ") == codes("") | {"has-space"}


@pytest.mark.parametrize(
    "space", "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2007\u200a\u2028\u2029\u202f\u205f\u3000"
)
def test_every_unicode_white_space_is_a_space(space: str) -> None:
    assert codes(f"Correct{space}Horse-7") == {"has-space"}


@given(STABLE)
def test_composed_and_decomposed_are_the_same(text: str) -> None:
    password = "Éà-7" + text
    other = unicodedata.normalize("NFD", password)
    assert codes(password) == codes(other)


def test_length_is_in_code_points_after_nfc() -> None:
    assert codes("É" * 6 + "é" * 3 + "7!") == {"too-short"}
    assert codes(unicodedata.normalize("NFD", "É" * 6 + "é" * 3 + "7!")) == {"too-short"}
    assert codes(unicodedata.normalize("NFD", "É" * 6 + "é" * 3 + "7!!")) == set()
    assert codes("Aa7!" * (MAX_LENGTH // 4)) == set()


@pytest.mark.parametrize("mark", "\u00b4\u00a8\u00af\u00b8\u02d8\u1fbd\u203e\ufc5e")
def test_a_mark_that_a_normal_form_makes_a_space_of_is_no_space(mark: str) -> None:
    """Trial A13: the rule is about what was typed."""
    assert mark != unicodedata.normalize("NFKC", mark)
    assert codes(f"Geheim{mark}Wort1234-x") == set()


def test_what_a_normal_form_makes_longer_or_other_counts_as_it_was_typed() -> None:
    assert codes("Geheimwort-7" + "\ufdfa" * 100) == set()  # 18 letters each in NFKC
    assert codes("Geheimwort-\u00b2") == {"needs-digit"}


@given(st.text(max_size=300))
def test_judging_never_fails(password: str) -> None:
    codes(password)


def test_a_hash_matches_its_password_alone_and_however_composed() -> None:
    hashed = hash_password("Éclair-Horse-7")
    assert matches(hashed, unicodedata.normalize("NFD", "Éclair-Horse-7"))
    assert not matches(hashed, "Eclair-Horse-7")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_nothing_is_cut_off() -> None:
    long = "Aa7!" * 32
    assert not matches(hash_password(long), long[:-1])


def test_other_parameters_are_outdated_and_nonsense_matches_nothing() -> None:
    assert is_outdated("$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHQ$" + "A" * 43)
    assert not is_outdated(DUMMY)
    assert not matches(DUMMY, "")
    assert not matches("nonsense", "")
