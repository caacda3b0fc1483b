"""The pepper: what a copy of the database gives, rotation, and keys that are gone (P7, C8)."""

import logging
from datetime import datetime, timedelta
from typing import Any

import pytest

from identity.domain.password_hash import hash_password, matches
from identity.usecases.change_password import change_password
from identity.usecases.check_own_password import Claim
from identity.usecases.hash_password import Hashing
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.keyring import KeyRing
from newsreel_testing.identity_service import HOME, PASSWORD, Identity

ADDRESS = "ada@example.org"
NEW_PASSWORD = "Another-battery-7"
OLD, NEW = f"k1:{'ab' * 32}", f"k2:{'cd' * 32}"


def under(identity: Identity, ring: str | None) -> Identity:
    """The same service after the file of the pepper's keys has become `ring`."""
    identity.hashing.close()
    identity.hashing = Hashing(2, 64, None if ring is None else KeyRing.parse(ring))
    return identity


async def row(identity: Identity) -> Any:
    """The hash of the only account, and its key's id."""
    async with identity.database.read() as sql:
        return await sql.fetchrow("SELECT password_hash, password_key FROM account")


async def outcome(identity: Identity, password: str, at: datetime) -> str:
    """Sign in: `signed in`, or the problem's code."""
    try:
        await identity.sign_in(ADDRESS, password, at)
    except ServiceError as refusal:
        return refusal.code
    return "signed in"


async def reset(identity: Identity, at: datetime) -> None:
    """Forget the password, and set another."""
    asked = await identity.ask_reset(ADDRESS, at)
    proven = await identity.verify(asked, identity.code(asked.challenge_id, "reset"), at)
    assert proven is not None
    await identity.set_password(asked.challenge_id, str(proven.reset_token), NEW_PASSWORD, at)


async def test_c8_the_rows_alone_cannot_even_be_guessed_at(identity: Identity, noon: datetime) -> None:
    await under(identity, OLD).make_account(ADDRESS, noon)
    phc, key_id = await row(identity)
    assert key_id == "k1"
    assert not matches(phc, PASSWORD)
    assert matches(phc, PASSWORD, bytes.fromhex("ab" * 32))
    assert await outcome(identity, PASSWORD, noon) == "signed in"
    assert await outcome(identity, "Wrong-Horse-77", noon) == "sign-in-refused"


async def test_p7_a_hash_from_before_the_pepper_gets_it_at_the_next_sign_in(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon)
    before = await row(identity)
    assert before["password_key"] is None
    assert await outcome(under(identity, OLD), "Wrong-Horse-77", noon) == "sign-in-refused"
    assert await row(identity) == before
    assert await outcome(identity, PASSWORD, noon) == "signed in"
    phc, key_id = await row(identity)
    assert (key_id, matches(phc, PASSWORD)) == ("k1", False)
    assert await outcome(identity, PASSWORD, noon) == "signed in"


async def test_p7_a_new_key_is_taken_at_the_next_sign_in_and_the_old_one_can_go(
    identity: Identity, noon: datetime
) -> None:
    await under(identity, OLD).make_account(ADDRESS, noon)
    before = await row(identity)
    await outcome(under(identity, f"{OLD},{NEW}"), PASSWORD, noon)  # added, not used yet
    assert await row(identity) == before
    assert await outcome(under(identity, f"{NEW},{OLD}"), PASSWORD, noon) == "signed in"
    assert (await row(identity))["password_key"] == "k2"
    assert await outcome(under(identity, NEW), PASSWORD, noon) == "signed in"


@pytest.mark.parametrize("ring", [NEW, None])
async def test_a_withdrawn_key_refuses_like_a_wrong_password_and_the_log_says_so(
    identity: Identity, noon: datetime, caplog: pytest.LogCaptureFixture, ring: str | None
) -> None:
    await under(identity, OLD).make_account(ADDRESS, noon)
    with caplog.at_level(logging.ERROR):
        assert await outcome(under(identity, ring), PASSWORD, noon) == "sign-in-refused"
    (record,) = caplog.records
    assert "under k1, which NEWSREEL_IDENTITY_PEPPER_KEYS lacks: bring that key back" in record.message
    assert PASSWORD not in caplog.text
    later = noon + timedelta(minutes=5)
    await reset(identity, later)
    assert await outcome(identity, NEW_PASSWORD, later) == "signed in"
    assert (await row(identity))["password_key"] == (None if ring is None else "k2")


async def test_a_key_of_another_value_under_the_same_id_matches_nothing(
    identity: Identity, noon: datetime
) -> None:
    await under(identity, OLD).make_account(ADDRESS, noon)
    assert await outcome(under(identity, f"k1:{'ef' * 32}"), PASSWORD, noon) == "sign-in-refused"


async def test_a_changed_password_goes_through_the_pepper(identity: Identity, noon: datetime) -> None:
    account_id = await identity.make_account(ADDRESS, noon)
    at, hashing = noon + timedelta(minutes=5), under(identity, OLD).hashing
    claim = Claim(account_id, at, PASSWORD, HOME)
    await change_password(
        identity.database, hashing, claim, NEW_PASSWORD, keys=identity.keys, clock=lambda: at
    )
    assert (await row(identity))["password_key"] == "k1"
    assert await outcome(identity, NEW_PASSWORD, at) == "signed in"


def test_the_pepper_is_over_the_normalised_password() -> None:
    ring = KeyRing.parse(OLD)
    made = hash_password("E\N{COMBINING ACUTE ACCENT}clair-Horse-7", ring)
    assert matches(made.phc, "\N{LATIN CAPITAL LETTER E WITH ACUTE}clair-Horse-7", ring.get("k1"))
    assert (made.key_id, "argon2" in repr(made)) == ("k1", False)
