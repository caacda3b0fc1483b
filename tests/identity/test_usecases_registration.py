"""Registering: the same for every address, and nobody's password takes effect before the proof."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from identity.domain.password_hash import matches
from newsreel_runtime.errors import ServiceError
from newsreel_testing.identity_service import PASSWORD, Identity, short

ADDRESS = "ada@example.org"
SQUATTED = "Squatter-Horse-7"


async def fetch(identity: Identity, sql: str, *values: object) -> list[dict[str, Any]]:
    """Rows of the database."""
    async with identity.database.read() as connection:
        return [dict(row) for row in await connection.fetch(sql, *values)]


async def test_a_new_address_is_registered_and_mailed(identity: Identity, noon: datetime) -> None:
    asked = await identity.register("Ada@Example.org", noon, locale="uk")
    registered, mail = await identity.outbox()
    assert [short(registered), short(mail)] == ["account.registered", "code.signup-requested"]
    assert registered.data["account"]["status"] == "unverified"
    assert mail.key == mail.data["challenge_id"] == str(asked.challenge_id)
    assert mail.data["address"] == "Ada@example.org"
    assert (mail.data["locale"], mail.data["generation"], mail.data["kid"]) == ("uk", 1, "k2")
    assert datetime.fromisoformat(mail.data["send_before"]) == noon + timedelta(minutes=30)
    assert asked.code_expires_at == noon + timedelta(minutes=30)
    assert asked.resend_after_seconds == 30


async def test_an_unverified_address_gets_another_challenge(identity: Identity, noon: datetime) -> None:
    await identity.register(ADDRESS, noon)
    again = await identity.register(ADDRESS, noon + timedelta(minutes=1))
    kinds = [short(row) for row in await identity.outbox()]
    assert kinds == ["account.registered", "code.signup-requested", "code.signup-requested"]
    assert (await identity.outbox())[-1].key == str(again.challenge_id)


async def test_e2_a_taken_address_gets_a_notice_and_never_a_proof(identity: Identity, noon: datetime) -> None:
    await identity.make_account(ADDRESS, noon)
    before = len(await identity.outbox())
    asked = await identity.register("ADA@example.org", noon + timedelta(minutes=1), password=SQUATTED)
    (notice,) = (await identity.outbox())[before:]
    assert short(notice) == "code.address-taken-noticed"
    assert notice.data["address"] == ADDRESS
    assert notice.data["reference_id"] == str(asked.challenge_id)
    code = identity.code(asked.challenge_id)
    assert await identity.verify(asked, code, noon + timedelta(minutes=2)) is None
    (account,) = await fetch(identity, "SELECT password_hash, address FROM account")
    assert matches(account["password_hash"], PASSWORD)
    assert account["address"] == ADDRESS


async def test_e2_the_proof_activates_with_the_password_of_its_own_challenge(
    identity: Identity, noon: datetime
) -> None:
    squatter = await identity.register(ADDRESS, noon, password=SQUATTED)
    (account,) = await fetch(identity, "SELECT status, password_hash FROM account")
    assert account == {"status": "unverified", "password_hash": None}
    owner = await identity.register("Ada@example.org", noon, locale="fr")
    assert await identity.verify(owner, identity.code(owner.challenge_id), noon)
    (account,) = await fetch(identity, "SELECT status, password_hash, address, locale FROM account")
    assert matches(account["password_hash"], PASSWORD)
    assert (account["status"], account["address"], account["locale"]) == ("active", "Ada@example.org", "fr")
    assert [short(row) for row in await identity.outbox()][-2:] == ["account.verified", "contact.changed"]
    contact = (await identity.outbox())[-1].data
    assert (contact["address"], contact["locale"], contact["newsletter"]) == ("Ada@example.org", "fr", False)
    # The squatter's challenge is dead, and so is its password.
    assert await identity.verify(squatter, identity.code(squatter.challenge_id), noon) is None
    waiting = await fetch(identity, "SELECT true FROM challenge WHERE pending_password_hash IS NOT NULL")
    assert waiting == []


async def test_a_challenge_without_its_password_fails_like_a_wrong_code(
    identity: Identity, noon: datetime
) -> None:
    asked = await identity.ask_code("signup", ADDRESS, noon)
    assert await identity.verify(asked, identity.code(asked.challenge_id), noon) is None
    (account,) = await fetch(identity, "SELECT status FROM account")
    assert account["status"] == "unverified"


async def test_m1_mails_are_limited_alike_for_every_address(identity: Identity, noon: datetime) -> None:
    await identity.make_account("taken@example.org", noon - timedelta(days=2))
    for address in ("taken@example.org", "new@example.org"):
        for number in range(4):
            await identity.register(address, noon + timedelta(minutes=number))
        mailed = len(await identity.outbox("identity.code.v1"))
        asked = await identity.register(address, noon + timedelta(minutes=10))
        assert asked.resend_after_seconds == 23 * 60
        assert asked.code_expires_at == noon + timedelta(minutes=40)
        with pytest.raises(ServiceError) as refused:
            await identity.resend(asked, noon + timedelta(minutes=11))
        assert (refused.value.code, refused.value.retry_after) == ("too-many-requests", 22 * 60)
        assert len(await identity.outbox("identity.code.v1")) == mailed
        await identity.resend(asked, noon + timedelta(minutes=33))
        assert len(await identity.outbox("identity.code.v1")) == mailed + 1


async def test_m1_two_mails_an_hour_after_ten_in_a_day(identity: Identity, noon: datetime) -> None:
    at = noon
    for _ in range(10):
        at += timedelta(minutes=31)
        await identity.register(ADDRESS, at)
    forms = [mail.data["form"] for mail in await identity.outbox("identity.code.v1")]
    assert forms == ["short"] * 9 + ["long"]
    assert (await identity.register(ADDRESS, at + timedelta(minutes=1))).resend_after_seconds == 29 * 60
    await identity.register(ADDRESS, at + timedelta(minutes=30))
    assert len(await identity.outbox("identity.code.v1")) == 11


async def test_purposes_have_their_own_budgets(identity: Identity, noon: datetime) -> None:
    for _ in range(5):
        await identity.register(ADDRESS, noon)
    await identity.ask_reset(ADDRESS, noon)
