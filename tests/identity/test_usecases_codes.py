"""Codes: how long they work, and how often one may guess, whatever one tries."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest

from identity.usecases.record_acceptance import record_acceptance
from identity.usecases.request_code import Requested
from newsreel_runtime.errors import ServiceError
from newsreel_testing.identity_service import PASSWORD, Identity, short

ADDRESS = "ada@example.org"
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


async def accept(identity: Identity, asked: Requested, at: datetime, kind: str = "signup_code") -> None:
    """The notifier tells that the mail server took the mail."""
    async with identity.database.begin() as tx:
        await record_acceptance(tx, asked.challenge_id, 1, kind, at)


async def works(identity: Identity, asked: Requested, at: datetime, generation: int = 1) -> bool:
    """Whether that generation's code proves the address at that moment."""
    code = identity.code(asked.challenge_id, generation=generation)
    return await identity.verify(asked, code, at) is not None


async def test_a_code_works_for_thirty_minutes(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    assert not await works(identity, asked, noon + 30 * MINUTE)
    assert await works(identity, asked, noon + 30 * MINUTE - SECOND)


@pytest.mark.parametrize(
    ("accepted_after", "lives_for"),
    [
        (5 * MINUTE, 35 * MINUTE),
        (30 * MINUTE, 60 * MINUTE),
        (45 * MINUTE, 60 * MINUTE),
        (-MINUTE, 30 * MINUTE),
    ],
)
async def test_the_thirty_minutes_begin_when_the_mail_server_took_the_mail(
    identity: Identity, noon: datetime, accepted_after: timedelta, lives_for: timedelta
) -> None:
    asked = await identity.register(ADDRESS, noon)
    await accept(identity, asked, noon + accepted_after)
    await accept(identity, asked, noon + 59 * MINUTE)  # a second report changes nothing
    assert not await works(identity, asked, noon + lives_for)
    assert await works(identity, asked, noon + lives_for - SECOND)


async def test_a_notice_that_was_accepted_moves_nothing(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    await accept(identity, asked, noon + 20 * MINUTE, "password_changed")
    assert not await works(identity, asked, noon + 30 * MINUTE)


async def test_every_unexpired_code_works(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    again = await identity.resend(asked, noon + 20 * MINUTE)
    assert again.code_expires_at == noon + 50 * MINUTE
    assert not await works(identity, asked, noon + 40 * MINUTE, generation=1)
    assert await works(identity, asked, noon + 40 * MINUTE, generation=2)


async def test_the_older_code_works_after_a_new_one(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    await identity.resend(asked, noon + MINUTE)
    assert await works(identity, asked, noon + 2 * MINUTE, generation=1)


async def test_a_withdrawn_key_ends_its_codes(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    code = identity.code(asked.challenge_id)
    identity.keys = type(identity.keys).parse(f"k1:{'b2' * 32}")
    assert await identity.verify(asked, code, noon) is None


async def test_five_wrong_guesses_end_a_challenge(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    wrong = identity.wrong_code(asked.challenge_id)
    outcomes = [await identity.outcome(asked, wrong, noon) for _ in range(5)]
    assert outcomes == ["code-refused"] * 5
    assert await identity.outcome(asked, identity.code(asked.challenge_id), noon) == "guess-budget-spent"


async def test_two_hundred_guesses_at_once_count_exactly(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    wrong = identity.wrong_code(asked.challenge_id)
    outcomes = Counter(await asyncio.gather(*(identity.outcome(asked, wrong, noon) for _ in range(200))))
    assert outcomes == {"code-refused": 5, "guess-budget-spent": 195}


async def test_parallel_guesses_over_many_challenges_share_one_budget(
    identity: Identity, noon: datetime
) -> None:
    flows = [await identity.register(ADDRESS, noon) for _ in range(4)]
    tries = [(asked, identity.wrong_code(asked.challenge_id)) for asked in flows for _ in range(10)]
    outcomes = Counter(await asyncio.gather(*(identity.outcome(*one, noon) for one in tries)))
    assert outcomes == {"code-refused": 10, "guess-budget-spent": 30}


async def test_the_budget_survives_resend_new_flow_and_restart(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    wrong = identity.wrong_code(asked.challenge_id)
    outcomes = [await identity.outcome(asked, wrong, noon) for _ in range(4)]
    await identity.resend(asked, noon + MINUTE)
    outcomes += [await identity.outcome(asked, wrong, noon + MINUTE) for _ in range(2)]
    assert outcomes == ["code-refused"] * 5 + ["guess-budget-spent"]
    restarted = Identity(identity.database)
    flows = [await restarted.register("ADA@example.org", noon + 2 * MINUTE) for _ in range(3)]
    more = [
        await restarted.outcome(flow, restarted.wrong_code(flow.challenge_id), noon + 3 * MINUTE)
        for flow in flows
        for _ in range(3)
    ]
    assert Counter(more) == {"code-refused": 5, "guess-budget-spent": 4}
    right = restarted.code(flows[2].challenge_id)
    with pytest.raises(ServiceError) as spent:
        await restarted.verify(flows[2], right, noon + 3 * MINUTE)
    assert spent.value.retry_after == 24 * 3600 - 180
    restarted.hashing.close()


async def test_the_budget_is_whole_again_after_a_day(identity: Identity, noon: datetime) -> None:
    for _ in range(2):
        asked = await identity.register(ADDRESS, noon)
        wrong = identity.wrong_code(asked.challenge_id)
        assert [await identity.outcome(asked, wrong, noon) for _ in range(5)] == ["code-refused"] * 5
    asked = await identity.register(ADDRESS, noon + timedelta(hours=24))
    assert await works(identity, asked, noon + timedelta(hours=24))


async def test_sign_up_and_reset_have_budgets_of_their_own(identity: Identity, noon: datetime) -> None:
    for _ in range(2):
        asked = await identity.register(ADDRESS, noon)
        wrong = identity.wrong_code(asked.challenge_id)
        for _ in range(5):
            await identity.outcome(asked, wrong, noon)
    reset = await identity.ask_reset(ADDRESS, noon)
    assert await identity.outcome(reset, identity.code(reset.challenge_id, "reset"), noon) == "proven"


async def test_two_right_codes_at_once_prove_once(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    code = identity.code(asked.challenge_id)
    outcomes = Counter(await asyncio.gather(*(identity.outcome(asked, code, noon) for _ in range(20))))
    assert outcomes == {"proven": 1, "code-refused": 19}
    assert [short(row) for row in await identity.outbox()].count("account.verified") == 1
    assert await identity.verify(asked, code, noon) is None


async def test_a_code_is_good_for_its_own_challenge_purpose_and_browser(
    identity: Identity, noon: datetime
) -> None:
    one = await identity.register(ADDRESS, noon)
    other = await identity.register("eve@example.org", noon)
    assert await identity.verify(one, identity.code(other.challenge_id), noon) is None
    assert await identity.verify(one, identity.code(one.challenge_id, "reset"), noon) is None
    code = identity.code(one.challenge_id)
    assert await identity.verify(one, code, noon, secret=other.challenge_secret) is None
    unknown = Requested(other.challenge_id.__class__(int=1), one.challenge_secret, 0, noon)
    assert await identity.verify(unknown, code, noon) is None
    async with identity.database.read() as connection:
        counted = await connection.fetchval(
            "SELECT wrong_guesses FROM challenge WHERE challenge_id = $1", one.challenge_id
        )
    assert counted == 3  # another browser's guess spends too; an unknown challenge has no budget
    assert await identity.verify(one, code, noon)


async def test_what_is_no_code_spends_nothing(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    for _ in range(9):
        assert await identity.verify(asked, "1234", noon) is None
    assert await works(identity, asked, noon)


async def test_a_proven_reset_kills_the_other_resets_of_the_account(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon)
    first = await identity.ask_reset(ADDRESS, noon)
    second = await identity.ask_reset(ADDRESS, noon)
    proven_first = await identity.verify(first, identity.code(first.challenge_id, "reset"), noon)
    assert proven_first is not None
    assert await identity.verify(second, identity.code(second.challenge_id, "reset"), noon) is None
    third = await identity.ask_reset(ADDRESS, noon)
    assert await identity.verify(third, identity.code(third.challenge_id, "reset"), noon)
    assert proven_first.reset_token is not None
    with pytest.raises(ServiceError):
        await identity.set_password(first.challenge_id, proven_first.reset_token, PASSWORD, noon)


async def test_a_new_code_has_to_wait_longer_each_time(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    at = noon
    for wait, following in ((30, 60), (60, 120), (120, 240)):
        with pytest.raises(ServiceError) as early:
            await identity.resend(asked, at + (wait - 1) * SECOND)
        assert early.value.retry_after == 1
        at += wait * SECOND
        assert (await identity.resend(asked, at)).resend_after_seconds == following
    at += 240 * SECOND
    last = await identity.resend(asked, at)
    # Five mails in the hour: the true wait is that of the hourly limit.
    assert last.resend_after_seconds == 3600 - (at - noon).total_seconds()
    mails = await identity.outbox("identity.code.v1")
    assert [mail.data["generation"] for mail in mails] == [1, 2, 3, 4, 5]


async def test_a_new_code_needs_the_challenge_and_its_browser(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    stranger = Requested(asked.challenge_id, "another", 0, noon)
    unknown = Requested(asked.challenge_id.__class__(int=1), asked.challenge_secret, 0, noon)
    for refused in (stranger, unknown):
        with pytest.raises(ServiceError) as refusal:
            await identity.resend(refused, noon + MINUTE)
        assert refusal.value.code == "challenge-unknown"


async def test_a_decoy_is_mailed_again_like_any_other(identity: Identity, noon: datetime) -> None:
    asked = await identity.ask_reset(ADDRESS, noon)
    again = await identity.resend(asked, noon + MINUTE)
    assert again.resend_after_seconds == 60
    notices = await identity.outbox("identity.code.v1")
    assert [short(notice) for notice in notices] == ["code.no-account-noticed"] * 2
    assert [notice.data["generation"] for notice in notices] == [1, 2]
