"""The password policy, clause by clause: P1 to P4, P7."""

import resource
import unicodedata

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.password import NIST, POLICIES, PORTAL, Policy
from identity.domain.password_hash import DUMMY, hash_password, is_outdated, matches

UPPER = st.characters(categories=["Lu"])
LOWER = st.characters(categories=["Ll"])
DIGIT = st.characters(categories=["Nd"])
SYMBOL = st.characters(categories=["Po", "Sm"], codec="ascii")
STABLE = st.text(st.one_of(UPPER, LOWER, DIGIT, SYMBOL), min_size=8, max_size=24)
# Unicode's property White_Space (PropList.txt), all of it.
WHITE_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def codes(password: str) -> set[str]:
    """The reasons for which it is refused, but that it is guessable: tests/identity/test_guessable.py."""
    return {refusal.code for refusal in PORTAL.refusals(password)} - {"too-common"}


@st.composite
def accepted(draw: st.DrawFn) -> str:
    """A password that meets every clause."""
    ascii_text = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40)
    return "".join(draw(st.permutations(["A", "a", "7", "!", draw(ascii_text)])))


@given(accepted())
def test_p1_a_good_one_is_accepted(password: str) -> None:
    assert codes(password) == set()


KINDS = {"needs-upper": "ÉA", "needs-lower": "éa", "needs-digit": "7٣", "needs-symbol": "!€"}


@st.composite
def breaking_one(draw: st.DrawFn) -> tuple[str, str]:
    """A clause, and a password that meets every other."""
    code = draw(st.sampled_from([*KINDS, "too-short", "too-long", "has-space"]))
    sizes = {"too-short": (4, 11), "too-long": (129, 200), "has-space": (11, 127)}
    kinds = [letters for kind, letters in KINDS.items() if kind != code]
    rest = draw(st.integers(*sizes.get(code, (12, 128)))) - len(kinds)
    letters = [draw(st.sampled_from(kind)) for kind in kinds]
    letters += draw(st.lists(st.sampled_from("".join(kinds)), min_size=rest, max_size=rest))
    letters += [draw(st.sampled_from(WHITE_SPACE))] if code == "has-space" else []
    return code, "".join(draw(st.permutations(letters)))


@given(breaking_one())
def test_p1_each_clause_alone_gives_its_reason_alone(broken: tuple[str, str]) -> None:
    code, password = broken
    assert codes(password) == {code}


def test_p1_all_reasons_at_once() -> None:
    assert codes("") == {"too-short", "needs-upper", "needs-lower", "needs-digit", "needs-symbol"}
    assert codes(" ") == codes("") | {"has-space"}


@pytest.mark.parametrize("space", WHITE_SPACE)
def test_p2_every_unicode_white_space_is_a_space(space: str) -> None:
    assert codes(f"Correct{space}Horse-7") == {"has-space"}


@given(STABLE)
def test_p3_composed_and_decomposed_are_judged_the_same(text: str) -> None:
    password = "Éà-7" + text
    other = unicodedata.normalize("NFD", password)
    assert codes(password) == codes(other)


def test_p3_length_is_in_code_points_after_nfc() -> None:
    assert codes("É" * 6 + "é" * 3 + "7!") == {"too-short"}
    assert codes(unicodedata.normalize("NFD", "É" * 6 + "é" * 3 + "7!")) == {"too-short"}
    assert codes(unicodedata.normalize("NFD", "É" * 6 + "é" * 3 + "7!!")) == set()
    assert codes("Aa7!" * (PORTAL.max_length // 4)) == set()


@pytest.mark.parametrize("mark", "\u00b4\u00a8\u00af\u00b8\u02d8\u1fbd\u203e\ufc5e")
def test_p2_a_mark_that_a_normal_form_makes_a_space_of_is_no_space(mark: str) -> None:
    """Trial A13: the rule is about what was typed."""
    assert mark != unicodedata.normalize("NFKC", mark)
    assert codes(f"Geheim{mark}Wort1234-x") == set()


def test_p3_what_a_normal_form_makes_longer_or_other_counts_as_it_was_typed() -> None:
    assert codes("Geheimwort-7" + "\ufdfa" * 100) == set()  # 18 letters each in NFKC
    assert codes("Geheimwort-\u00b2") == {"needs-digit"}


@given(st.text(max_size=300), st.sampled_from(list(POLICIES.values())))
def test_judging_never_fails(password: str, policy: Policy) -> None:
    policy.refusals(password)


@given(st.text(min_size=15, max_size=128))
def test_p1_nist_asks_for_no_kind_of_characters(password: str) -> None:
    """Spaces, marks and signs of every script: only what everybody guesses is refused."""
    length = len(unicodedata.normalize("NFC", password))
    assert {refusal.code for refusal in NIST.refusals(password)} - {"too-common"} == (
        {"too-short"} if length < 15 else {"too-long"} if length > 128 else set()
    )


def test_p1_nist_takes_a_phrase_and_refuses_fourteen_characters() -> None:
    assert NIST.refusals("tin roof rain 42"[:15]) == ()
    (refusal,) = NIST.refusals("tin roof rain 42"[:14])
    assert (refusal.code, refusal.detail) == ("too-short", "Use at least 15 characters.")


def test_p3_a_hash_matches_its_password_alone_and_however_composed() -> None:
    hashed = hash_password("Éclair-Horse-7").phc
    assert matches(hashed, unicodedata.normalize("NFD", "Éclair-Horse-7"))
    assert not matches(hashed, "Eclair-Horse-7")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("policy", POLICIES.values())
@pytest.mark.parametrize("length", [64, 128])
def test_p4_a_long_one_is_accepted_and_hashed_to_its_last_character(length: int, policy: Policy) -> None:
    long = ("Kx7#vQ2!mP9zétude" * 8)[:length]
    assert policy.refusals(long) == ()
    hashed = hash_password(long).phc
    assert matches(hashed, long)
    assert not matches(hashed, long[:-1])
    assert not matches(hashed, long[:-1] + "~")


@pytest.mark.parametrize(("passes", "kibibytes", "lanes"), [(5, 8, 1), (1, 64 * 1024 + 8, 1), (1, 40, 5)])
def test_p7_a_stored_hash_that_costs_too_much_is_not_run(passes: int, kibibytes: int, lanes: int) -> None:
    """The password is right, so that only the bound refuses it."""
    hasher = PasswordHasher(time_cost=passes, memory_cost=kibibytes, parallelism=lanes)
    assert not matches(hasher.hash("Correct-Horse-7"), "Correct-Horse-7")


def test_p7_a_planted_hash_of_4_gib_takes_no_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert not matches("$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$" + "A" * 43, "")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024  # KiB


def test_p7_what_other_libraries_store_by_default_is_verified() -> None:
    foreign = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4).hash("Correct-Horse-7")
    assert matches(foreign, "Correct-Horse-7")
    assert is_outdated(foreign)


def test_p7_other_parameters_are_outdated_and_nonsense_matches_nothing() -> None:
    assert is_outdated("$argon2id$v=19$m=8192,t=1,p=1$c2FsdHNhbHQ$" + "A" * 43)
    assert not is_outdated(DUMMY)
    assert not matches(DUMMY, "")
    assert not matches("nonsense", "")
