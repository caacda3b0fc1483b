"""P5, trial A20: passwords that keep every rule and are guessed first."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.guessable import is_guessable
from identity.domain.password import NIST, PORTAL

OWN = ["ada.lovelace@press-office.example"]


REFUSED = [
    "Password123!",
    "P@ssw0rd2026!",
    "Passwort-2026!",
    "Motdepasse123!",
    "Пароль-2026-Київ!",
    "Welcome@Brussels1",
    "Admin-Admin-1234",
    "Qwertyuiop1!",
    "1qaz2wsx3EDC!",
    "Asdfghjkl123!",
    "Qsdfghjklm1!",
    "!@#$%^&*()Aa1",
    "Abcdefghij1!",
    "9876543210-Aa!",
    "Januar-2025-!a",
    "Aaaaaaaaaaa1!",
    "Zz9!Zz9!Zz9!",
    "Summer2026!!!",
    "Iloveyou2024!",
    "Newsreel-2026!",
    "Ada.Lovelace-1815!",
    "Press-Office-1!",
    "L0velace!2026",
]
ACCEPTED = [
    "Correct-Horse-7",
    "Tr0ub4dor&3xyz",
    "Kx7#vQ2!mP9z",
    "Brussels-Rain-On-Tin-7",
    "Їжак-в-тумані-1975",
    "Geheim\N{ACUTE ACCENT}Wort1234-x",
]


@pytest.mark.parametrize("password", REFUSED)
def test_p5_what_everybody_guesses_is_refused_with_the_reason(password: str) -> None:
    assert [refusal.code for refusal in PORTAL.refusals(password, OWN)] == ["too-common"]


@pytest.mark.parametrize(
    "password", ["passwordpassword", "ada lovelace 2026", " " * 15, "qwertyuiopasdfghjkl"]
)
def test_p5_length_alone_is_not_enough_for_nist(password: str) -> None:
    assert [refusal.code for refusal in NIST.refusals(password, OWN)] == ["too-common"]


@pytest.mark.parametrize("password", ACCEPTED)
def test_what_has_enough_of_its_own_is_accepted(password: str) -> None:
    assert PORTAL.refusals(password, OWN) == ()


def test_no_random_one_is_refused() -> None:
    letters = string.ascii_letters + string.digits + "!-_.#"
    chosen = random.Random(7)
    assert not any(is_guessable("".join(chosen.choices(letters, k=14)), OWN) for _ in range(1000))


@given(st.text(max_size=128), st.text(max_size=40))
def test_any_text_is_judged(password: str, own: str) -> None:
    assert is_guessable(password, [own]) in {True, False}


@given(st.text(min_size=12, max_size=40))
def test_an_own_text_alone_is_no_password(own: str) -> None:
    if "@" not in own and len(own.casefold()) >= 4:
        assert is_guessable(own, [own])


def test_p5_an_own_address_with_something_before_or_behind_is_no_password() -> None:
    for password in ("Ada@Example.org1", "1-ada@example.org", "Ada!example.org1"):
        assert is_guessable(password, ["ada@example.org"])


def test_the_address_counts_only_for_whose_it_is() -> None:
    assert is_guessable("Lovelace-1815!", OWN)
    assert not is_guessable("Lovelace-1815!")
