"""Asking again in the same browser goes on with what is open (trials A1, A8); another browser begins anew."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest

from identity.domain.code import Purpose
from identity.domain.password_hash import matches
from identity.usecases.request_code import Requested
from newsreel_testing.identity_service import PASSWORD, Identity, short

ADDRESS = "ada@example.org"
SECRET = "b" * 22
MINUTE = timedelta(minutes=1)
PURPOSES: tuple[Purpose, ...] = ("signup", "reset")


async def ask(
    identity: Identity, purpose: Purpose, at: datetime, address: str = ADDRESS, secret: str = SECRET
) -> Requested:
    """Press the button in the browser of that secret."""
    if purpose == "signup":
        return await identity.register(address, at, secret=secret)
    return await identity.ask_reset(address, at, secret)


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("generation", [1, 2, 3])
async def test_every_code_of_the_browser_works_after_asking_again(
    identity: Identity, noon: datetime, purpose: Purpose, generation: int
) -> None:
    """Trial A1: register (or forgot) again, then the code of any of the mails."""
    if purpose == "reset":
        await identity.make_account(ADDRESS, noon)
    first = await ask(identity, purpose, noon)
    assert first.challenge_secret == SECRET
    await ask(identity, purpose, noon + MINUTE, "ADA@example.org")
    again = await ask(identity, purpose, noon + 3 * MINUTE)
    assert again.challenge_id == first.challenge_id
    code = identity.code(first.challenge_id, purpose, generation)
    assert await identity.outcome(again, code, noon + 4 * MINUTE) == "proven"
    async with identity.database.read() as sql:
        assert await sql.fetchval("SELECT max(wrong_guesses) FROM challenge") == 0


@pytest.mark.parametrize("purpose", PURPOSES)
async def test_pressed_several_times_at_once_it_is_one_request_and_one_mail(
    identity: Identity, noon: datetime, purpose: Purpose
) -> None:
    """Trial A1: the double click; known, unverified and unknown addresses alike."""
    await identity.make_account("known@example.org", noon)
    await identity.register("unverified@example.org", noon)
    for address in ("known@example.org", "unverified@example.org", "unknown@example.org"):
        before = len(await identity.outbox("identity.code.v1"))
        presses = (ask(identity, purpose, noon + MINUTE, address) for _ in range(4))
        first, *others = await asyncio.gather(*presses)
        assert others == [first] * 3
        assert len(await identity.outbox("identity.code.v1")) == before + 1


@pytest.mark.parametrize("purpose", PURPOSES)
async def test_e1_known_and_unknown_addresses_go_on_alike(
    identity: Identity, noon: datetime, purpose: Purpose
) -> None:
    """D10: the same answers and as many mails, whatever the address."""
    await identity.make_account("known@example.org", noon)
    await identity.register("unverified@example.org", noon)
    seen = []
    for address in ("known@example.org", "unverified@example.org", "unknown@example.org"):
        before = len(await identity.outbox("identity.code.v1"))
        steps = [
            await ask(identity, purpose, noon + wait, address)
            for wait in (MINUTE, MINUTE + timedelta(seconds=5), 2 * MINUTE)
        ]
        assert len({step.challenge_id for step in steps}) == 1
        mails = (await identity.outbox("identity.code.v1"))[before:]
        assert [mail.key for mail in mails] == [str(steps[0].challenge_id)] * 2
        seen.append([(step.resend_after_seconds, step.code_expires_at) for step in steps])
    assert seen[0] == seen[1] == seen[2]


async def test_the_password_typed_last_takes_effect(identity: Identity, noon: datetime) -> None:
    first = await identity.register(ADDRESS, noon, password="Mistyped-Horse-7", secret=SECRET)
    await identity.register("Ada@example.org", noon + MINUTE, secret=SECRET, locale="fr")
    mail = (await identity.outbox("identity.code.v1"))[-1]
    assert (mail.data["address"], mail.data["locale"], mail.data["generation"]) == (
        "Ada@example.org",
        "fr",
        2,
    )
    assert await identity.verify(first, identity.code(first.challenge_id), noon + MINUTE)
    async with identity.database.read() as sql:
        row = await sql.fetchrow("SELECT address, locale, password_hash FROM account")
    assert row is not None
    assert (row["address"], row["locale"]) == ("Ada@example.org", "fr")
    assert matches(row["password_hash"], PASSWORD)


async def test_too_early_for_another_mail_the_one_on_its_way_is_the_answer(
    identity: Identity, noon: datetime
) -> None:
    first = await ask(identity, "signup", noon)
    early = await ask(identity, "signup", noon + timedelta(seconds=20))
    assert (early.challenge_id, early.resend_after_seconds) == (first.challenge_id, 10)
    assert early.code_expires_at == first.code_expires_at
    at = noon
    for wait in (1, 2, 3):
        at += wait * MINUTE
        await ask(identity, "signup", at)
    spent = await ask(identity, "signup", at + 8 * MINUTE)  # four mails in the hour: no fifth, and no refusal
    assert spent.resend_after_seconds == 22 * 60
    assert len(await identity.outbox("identity.code.v1")) == 4
    await ask(identity, "signup", at + 30 * MINUTE)  # its last code is dead
    assert len(await identity.outbox("identity.code.v1")) == 5


async def test_another_browser_address_or_purpose_begins_anew(identity: Identity, noon: datetime) -> None:
    first = await ask(identity, "signup", noon)
    others = [
        await ask(identity, "signup", noon, secret="c" * 22),
        await ask(identity, "signup", noon, "eve@example.org"),
        await ask(identity, "reset", noon),
    ]
    assert len({first.challenge_id, *(other.challenge_id for other in others)}) == 4
    for other in others:  # each form's request works by itself (trial A8)
        assert await identity.outcome(other, identity.code(first.challenge_id), noon) == "code-refused"
    reset = identity.code(others[2].challenge_id, "reset")
    assert await identity.outcome(others[2], reset, noon) == "proven"
    assert await identity.outcome(first, identity.code(first.challenge_id), noon) == "proven"


async def test_a_request_that_is_over_is_begun_anew_and_its_page_says_so(
    identity: Identity, noon: datetime
) -> None:
    """Trial A8: a page whose request another page finished is told."""
    signup = await ask(identity, "signup", noon)
    reset = await ask(identity, "reset", noon)
    assert await identity.outcome(signup, identity.code(signup.challenge_id), noon) == "proven"
    assert await identity.outcome(reset, identity.code(reset.challenge_id, "reset"), noon) == "challenge-over"
    begun = await ask(identity, "reset", noon + MINUTE)
    assert begun.challenge_id != reset.challenge_id
    taken = await ask(identity, "signup", noon + MINUTE)
    assert taken.challenge_id != signup.challenge_id
    assert short((await identity.outbox())[-1]) == "code.address-taken-noticed"


async def test_the_secret_of_the_browser_over_http(identity: Identity, client: httpx.AsyncClient) -> None:
    """The contract that the portal builds on."""
    for path, more in (("/v1/registrations", {"password": PASSWORD}), ("/v1/resets", {})):
        body = {"address": ADDRESS, "challenge_secret": "-_" * 11, **more}
        first, second = [(await client.post(path, json=body)).json() for _ in range(2)]
        assert second["challenge_id"] == first["challenge_id"]
        assert first["challenge_secret"] == second["challenge_secret"] == "-_" * 11
        for bad in ("short", "b" * 129, "b" * 21 + "!"):
            answer = await client.post(path, json=body | {"challenge_secret": bad})
            assert answer.status_code == 422
