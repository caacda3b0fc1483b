"""Whoever has the mailbox gets in, whatever strangers do with its address (D25, trial A3)."""

import random
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from identity.domain.code import Purpose
from identity.domain.password_hash import PasswordHash, matches
from identity.store import challenges
from identity.usecases.request_code import Requested
from identity.usecases.verify_code import Proven
from newsreel_runtime.errors import ServiceError
from newsreel_testing.identity_service import PURPOSES, Identity, short

ADDRESS = "ada@example.org"
NEW_PASSWORD = "Other-Horse-88"
MINUTE = timedelta(minutes=1)
PURPOSES_OF = ("signup", "reset")


async def newest_code(identity: Identity, purpose: Purpose) -> str:
    """What the owner of the mailbox reads in the newest mail with a code."""
    rows = await identity.outbox("identity.code.v1")
    return identity.mailed_code([row for row in rows if PURPOSES.get(short(row)) == purpose][-1])


async def spend_everything(identity: Identity, purpose: Purpose, at: datetime) -> list[Requested]:
    """Every mail and every guess of the address, from as many browsers as it takes."""
    asked = []
    for _ in range(12):
        asked.append(await identity.ask_code(purpose, ADDRESS, at))
        wrong = identity.wrong_code(asked[-1].challenge_id, purpose)
        for _ in range(5):
            await identity.answer(asked[-1], wrong, at)
    return asked


@pytest.mark.parametrize("minutes", [0, 1, 29, 31, 65, 600, 1430])
async def test_e3_m1_the_owner_registers_resets_and_signs_in_all_the_same(
    identity: Identity, noon: datetime, minutes: int
) -> None:
    """A stranger goes on for as long as it takes; the owner comes `minutes` after the beginning."""
    at = noon
    while at <= noon + minutes * MINUTE:
        await spend_everything(identity, "signup", at)
        at += 10 * MINUTE
    at = noon + minutes * MINUTE
    mine = await identity.register(ADDRESS, at)
    assert await identity.outcome(mine, await newest_code(identity, "signup"), at) == "proven"

    await spend_everything(identity, "reset", at)
    for _ in range(20):
        with pytest.raises(ServiceError):
            await identity.sign_in(ADDRESS, "Wrong-Horse-77", at)
    reset = await identity.ask_reset(ADDRESS, at + MINUTE)
    proven = await identity.verify(reset, await newest_code(identity, "reset"), at + MINUTE)
    assert proven is not None
    assert proven.reset_token is not None
    await identity.set_password(reset.challenge_id, proven.reset_token, NEW_PASSWORD, at + MINUTE)
    await identity.sign_in(ADDRESS, NEW_PASSWORD, at + MINUTE)


async def test_the_code_of_a_strangers_request_sets_the_owners_password(
    identity: Identity, noon: datetime
) -> None:
    """The squatter's password waits on the squatter's own challenge, and dies with it."""
    squats = [await identity.register(ADDRESS, noon, password="Squatter-Pass-1") for _ in range(5)]
    mine = await identity.register(ADDRESS, noon)
    code = await newest_code(identity, "signup")
    assert len(code) == 26
    assert await identity.outcome(mine, code, noon) == "proven"
    async with identity.database.read() as sql:
        assert matches(await sql.fetchval("SELECT password_hash FROM account"), "Correct-Horse-7")
    # Used once (C4); to its browser the answer is repeated (trial A2).
    assert {await identity.outcome(squat, code, noon) for squat in squats} == {"challenge-over"}
    assert await identity.outcome(mine, code, noon + 20 * MINUTE) == "proven"
    assert await identity.outcome(mine, identity.long_code(mine.challenge_id), noon) == "challenge-over"


async def test_a_resets_long_code_sent_again_gets_the_same_token(identity: Identity, noon: datetime) -> None:
    await identity.make_account(ADDRESS, noon)
    await spend_everything(identity, "reset", noon)
    mine = await identity.ask_reset(ADDRESS, noon)
    code = await newest_code(identity, "reset")
    answers = {await identity.answer(mine, code, noon + wait * MINUTE) for wait in (0, 1, 9)}
    assert len(answers) == 1
    assert isinstance(answers.pop(), Proven)


async def test_a_proof_lifts_the_limits_of_its_purpose(identity: Identity, noon: datetime) -> None:
    """Its code is used up: in another browser the owner gets another one at once."""
    await identity.make_account(ADDRESS, noon)
    await spend_everything(identity, "reset", noon)
    used = await newest_code(identity, "reset")
    assert await identity.outcome(await identity.ask_reset(ADDRESS, noon), used, noon) == "proven"
    elsewhere = await identity.ask_reset(ADDRESS, noon)
    assert await newest_code(identity, "reset") != used
    assert await identity.outcome(elsewhere, await newest_code(identity, "reset"), noon) == "proven"


async def test_a_request_without_a_mail_is_kept_for_as_long_as_any_other(
    identity: Identity, noon: datetime
) -> None:
    """Also one that was open, and that looks at the account again: it was none when it began."""
    mine = await identity.ask_reset(ADDRESS, noon - 50 * MINUTE)
    await identity.make_account(ADDRESS, noon - 40 * MINUTE)
    await spend_everything(identity, "reset", noon)
    assert await identity.ask_reset(ADDRESS, noon, mine.challenge_secret) != mine
    async with identity.database.read() as sql:
        kept = "SELECT purge_after FROM challenge WHERE challenge_id = $1"
        assert await sql.fetchval(kept, mine.challenge_id) == noon + 60 * MINUTE
    assert await identity.outcome(mine, await newest_code(identity, "reset"), noon) == "proven"


async def test_a_long_code_is_no_better_than_its_mail(identity: Identity, noon: datetime) -> None:
    """Its time, purpose and account are judged; nothing is counted."""
    await identity.make_account(ADDRESS, noon)
    await identity.make_account("eve@example.org", noon)
    await spend_everything(identity, "reset", noon)
    mine, eves = [await identity.ask_reset(address, noon) for address in (ADDRESS, "eve@example.org")]
    code = await newest_code(identity, "reset")
    if UUID((await identity.outbox("identity.code.v1"))[-1].key) == eves.challenge_id:
        rows = [row for row in await identity.outbox("identity.code.v1") if row.data["address"] == ADDRESS]
        code = identity.mailed_code(rows[-1])
    assert len(code) == 26
    assert await identity.outcome(eves, code, noon) == "code-refused"
    wrong = identity.long_code(mine.challenge_id, "signup")
    for _ in range(20):
        assert await identity.outcome(mine, wrong, noon) == "code-refused"
    assert await identity.verify(mine, code, noon, "another-browser") is None
    assert await identity.outcome(mine, code, noon + 30 * MINUTE) == "code-refused"
    assert await identity.outcome(mine, code, noon + 29 * MINUTE) == "proven"


async def test_a_notifier_of_the_last_release_mails_a_short_code_that_works_too(
    identity: Identity, noon: datetime
) -> None:
    """A rollout: it does not know the field `form`. The short code has its budget, as before."""
    asked = [await identity.register(ADDRESS, noon) for _ in range(4)]
    assert (await identity.outbox("identity.code.v1"))[-1].data["form"] == "long"
    assert await identity.outcome(asked[3], identity.code(asked[3].challenge_id), noon) == "proven"


@pytest.mark.parametrize("address", [ADDRESS, "nobody@example.org"])
async def test_e1_pressure_looks_alike_for_known_and_unknown_addresses(
    identity: Identity, noon: datetime, address: str
) -> None:
    await identity.make_account(ADDRESS, noon - timedelta(days=2))
    asked = [await identity.ask_reset(address, noon + wait * MINUTE) for wait in range(6)]
    assert [one.resend_after_seconds for one in asked] == [30, 30, 30, 1800, 1740, 1680]
    assert [one.code_expires_at - noon for one in asked] == [(30 + wait) * MINUTE for wait in range(6)]


@pytest.mark.parametrize("purpose", PURPOSES_OF)
@pytest.mark.parametrize("seed", range(4))
async def test_at_any_moment_of_any_siege_a_fresh_browser_gets_in(
    identity: Identity, noon: datetime, purpose: Purpose, seed: int
) -> None:
    """Strangers press at random; now and then the owner's way is gone, and rolled back."""
    chance, at = random.Random(seed), noon
    if purpose == "reset":
        await identity.make_account(ADDRESS, noon)
    asked = [await identity.ask_code(purpose, ADDRESS, at)]
    for _ in range(60):
        at += timedelta(seconds=chance.choice((0, 1, 31, 61, 300, 1500, 1800)))
        press = chance.choice(("ask", "ask again", "resend", "guess", "guess"))
        try:
            if press == "resend":
                await identity.resend(chance.choice(asked), at)
            elif press == "guess":
                await identity.answer(asked[-1], identity.wrong_code(asked[-1].challenge_id, purpose), at)
            else:
                secret = chance.choice("ab") * 22 if press == "ask again" else None
                asked.append(await identity.ask_code(purpose, ADDRESS, at, secret))
        except ServiceError:
            pass
        assert await owner_gets_in(identity, purpose, at), (seed, at - noon)


class _RolledBackError(Exception):
    pass


async def owner_gets_in(identity: Identity, purpose: Purpose, at: datetime) -> bool:
    """A fresh browser asks, and types what the newest mail says."""
    try:
        async with identity.database.begin() as tx:
            mine = await identity.ask_code_in(tx, purpose, ADDRESS, at)
            await challenges.keep_pending_hash(tx, mine.challenge_id, PasswordHash("hash"))
            await tx.flush()
            rows = await identity.outbox_in(tx.sql)
            mails = [row for row in rows if PURPOSES.get(short(row)) == purpose]
            answer = await identity.answer_in(tx, mine, identity.mailed_code(mails[-1]), at)
            raise _RolledBackError
    except _RolledBackError:
        return isinstance(answer, Proven)
