"""Codes: how long they work, and how often one may guess, whatever one tries."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from identity.inbound_kafka import mail_accepted
from identity.usecases.request_code import Requested
from identity.usecases.verify_code import Proven
from newsreel_events import Envelope, TraceContext
from newsreel_events.notifier import MailAcceptedV1
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.ids import new_id
from newsreel_runtime.keyring import KeyRing
from newsreel_testing.identity_service import PASSWORD, Identity, short

ADDRESS = "ada@example.org"
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


async def accept(identity: Identity, asked: Requested, at: datetime, kind: str = "signup_code") -> None:
    """The notifier tells that the mail server took the mail."""
    event = MailAcceptedV1(reference_id=asked.challenge_id, generation=1, kind=kind, occurred_at=at)
    received = Envelope.of(event, event_id=new_id(), time=at, trace=TraceContext())
    async with identity.database.begin() as tx:
        await mail_accepted(tx, event, received)


async def works(identity: Identity, asked: Requested, at: datetime, generation: int = 1) -> bool:
    """Whether that generation's code proves the address at that moment."""
    code = identity.code(asked.challenge_id, generation=generation)
    return await identity.verify(asked, code, at) is not None


async def test_c5_a_code_works_for_thirty_minutes(identity: Identity, noon: datetime) -> None:
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
    identity.keys = replace(identity.keys, codes=KeyRing.parse(f"k1:{'b2' * 32}"))
    assert await identity.verify(asked, code, noon) is None


async def test_c1_five_wrong_guesses_end_a_challenge(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    wrong = identity.wrong_code(asked.challenge_id)
    outcomes = [await identity.outcome(asked, wrong, noon) for _ in range(5)]
    assert outcomes == ["code-refused"] * 5
    assert await identity.outcome(asked, identity.code(asked.challenge_id), noon) == "challenge-over"


async def test_c1_two_hundred_guesses_at_once_count_exactly(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    wrong = identity.wrong_code(asked.challenge_id)
    outcomes = Counter(await asyncio.gather(*(identity.outcome(asked, wrong, noon) for _ in range(200))))
    assert outcomes == {"code-refused": 5, "challenge-over": 195}


async def test_c1_c2_parallel_guesses_over_many_challenges_share_one_budget(
    identity: Identity, noon: datetime
) -> None:
    flows = [await identity.register(ADDRESS, noon) for _ in range(4)]
    tries = [(asked, identity.wrong_code(asked.challenge_id)) for asked in flows for _ in range(10)]
    outcomes = Counter(await asyncio.gather(*(identity.outcome(*guess, noon) for guess in tries)))
    assert outcomes.pop("code-refused") == 10
    assert outcomes.keys() <= {"guess-budget-spent", "challenge-over"}


async def test_c2_the_budget_survives_resend_new_flow_and_restart(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    wrong = identity.wrong_code(asked.challenge_id)
    outcomes = [await identity.outcome(asked, wrong, noon) for _ in range(4)]
    await identity.resend(asked, noon + MINUTE)
    outcomes += [await identity.outcome(asked, wrong, noon + MINUTE) for _ in range(2)]
    assert outcomes == ["code-refused"] * 5 + ["challenge-over"]
    restarted = Identity(identity.database)
    flows = [await restarted.register("ADA@example.org", noon + 2 * MINUTE) for _ in range(3)]
    more = [
        await restarted.outcome(flow, restarted.wrong_code(flow.challenge_id), noon + 3 * MINUTE)
        for flow in flows
        for _ in range(3)
    ]
    assert Counter(more) == {"code-refused": 5, "guess-budget-spent": 4}
    right = restarted.code(flows[2].challenge_id)
    assert await restarted.outcome(flows[2], right, noon + 3 * MINUTE) == "guess-budget-spent"
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


async def test_c4_the_right_code_sent_again_gets_the_same_answer_and_proves_once(
    identity: Identity, noon: datetime
) -> None:
    """Trial A2: double clicks, reloads, lost answers, proxies that try again."""
    asked = await identity.register(ADDRESS, noon)
    code = identity.code(asked.challenge_id)
    outcomes = Counter(await asyncio.gather(*(identity.outcome(asked, code, noon) for _ in range(20))))
    assert outcomes == {"proven": 20}
    assert [short(row) for row in await identity.outbox()].count("account.verified") == 1
    assert await identity.outcome(asked, code, noon + 59 * MINUTE) == "proven"
    assert await identity.outcome(asked, identity.wrong_code(asked.challenge_id), noon) == "challenge-over"
    assert await identity.verify(asked, code, noon, "another-browser") is None


async def test_a_resets_right_code_sent_again_gets_the_same_token(identity: Identity, noon: datetime) -> None:
    """Trial A2: the second answer does not take away what the first one gave."""
    await identity.make_account(ADDRESS, noon)
    asked = await identity.ask_reset(ADDRESS, noon)
    code = identity.code(asked.challenge_id, "reset")
    answers = await asyncio.gather(*(identity.answer(asked, code, noon) for _ in range(5)))
    again = await identity.answer(asked, code, noon + 9 * MINUTE)
    assert len({*answers, again}) == 1
    assert isinstance(again, Proven)
    assert again.reset_token is not None
    await identity.set_password(asked.challenge_id, again.reset_token, "Other-Horse-88", noon + 9 * MINUTE)
    assert await identity.outcome(asked, code, noon + 10 * MINUTE) == "challenge-over"


async def test_c6_a_code_is_good_for_its_own_challenge_purpose_and_browser(
    identity: Identity, noon: datetime
) -> None:
    asked = await identity.register(ADDRESS, noon)
    other = await identity.register("eve@example.org", noon)
    assert await identity.verify(asked, identity.code(other.challenge_id), noon) is None
    assert await identity.verify(asked, identity.code(asked.challenge_id, "reset"), noon) is None
    code = identity.code(asked.challenge_id)
    assert await identity.verify(asked, code, noon, other.challenge_secret) is None
    unknown = Requested(other.challenge_id.__class__(int=1), asked.challenge_secret, 0, noon)
    assert await identity.verify(unknown, code, noon) is None
    async with identity.database.read() as connection:
        counted = await connection.fetchval(
            "SELECT wrong_guesses FROM challenge WHERE challenge_id = $1", asked.challenge_id
        )
    assert counted == 3  # another browser's guess spends too; an unknown challenge has no budget
    assert await identity.verify(asked, code, noon)


async def test_what_is_no_code_spends_nothing(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    for _ in range(9):
        assert await identity.verify(asked, "1234", noon) is None
    assert await works(identity, asked, noon)


async def test_c7_a_proven_reset_kills_the_other_resets_of_the_account(
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
    for wait, following in ((30, 60), (60, 120)):
        with pytest.raises(ServiceError) as early:
            await identity.resend(asked, at + (wait - 1) * SECOND)
        assert early.value.retry_after == 1
        at += wait * SECOND
        assert (await identity.resend(asked, at)).resend_after_seconds == following
    at += 120 * SECOND
    last = await identity.resend(asked, at)
    # Four mails in the hour: the true wait is until the last code is dead.
    assert last.resend_after_seconds == 30 * 60
    mails = await identity.outbox("identity.code.v1")
    assert [mail.data["generation"] for mail in mails] == [1, 2, 3, 4]
    assert [mail.data["form"] for mail in mails] == ["short", "short", "short", "long"]


async def test_a_new_code_needs_the_challenge_and_its_browser(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    stranger = Requested(asked.challenge_id, "another", 0, noon)
    unknown = Requested(asked.challenge_id.__class__(int=1), asked.challenge_secret, 0, noon)
    for refused in (stranger, unknown):
        with pytest.raises(ServiceError) as refusal:
            await identity.resend(refused, noon + MINUTE)
        assert refusal.value.code == "challenge-unknown"


async def test_pressing_send_a_new_code_twice_sends_one_and_answers_alike(
    identity: Identity, noon: datetime
) -> None:
    """Trial A2."""
    asked = await identity.register(ADDRESS, noon)
    presses = (identity.resend(asked, noon + MINUTE) for _ in range(3))
    first, *others = await asyncio.gather(*presses)
    assert others == [first, first]
    assert len(await identity.outbox("identity.code.v1")) == 2
    with pytest.raises(ServiceError) as early:
        await identity.resend(asked, noon + MINUTE + 10 * SECOND)
    assert early.value.code == "too-many-requests"


async def test_no_mail_goes_that_cannot_work(identity: Identity, noon: datetime) -> None:
    """Trial A4: after five wrong codes the request is over; after ten eight digits are for a day."""
    for address in (ADDRESS, "taken@example.org"):
        if address != ADDRESS:
            await identity.make_account(address, noon)
        before = len(await identity.outbox())
        asked = await identity.register(address, noon)
        wrong = identity.wrong_code(asked.challenge_id)
        for _ in range(5):
            await identity.answer(asked, wrong, noon)
        with pytest.raises(ServiceError) as over:
            await identity.resend(asked, noon + MINUTE)
        assert over.value.code == "challenge-over"
        begun = await identity.register(address, noon + MINUTE, secret=asked.challenge_secret)
        assert begun.challenge_id != asked.challenge_id
        for _ in range(4):
            await identity.answer(begun, identity.wrong_code(begun.challenge_id), noon + MINUTE)
        other = await identity.register(address, noon + MINUTE)
        await identity.answer(other, identity.wrong_code(other.challenge_id), noon + MINUTE)
        mails = len(await identity.outbox())
        assert mails - before == (4 if address == ADDRESS else 3)
        await identity.resend(begun, noon + 2 * MINUTE)
        (mail,) = (await identity.outbox())[mails:]
        if address == ADDRESS:
            assert mail.data["form"] == "long"
            short_code = identity.code(begun.challenge_id, generation=2)
            assert await identity.outcome(begun, short_code, noon) == "guess-budget-spent"
            assert await identity.outcome(begun, identity.mailed_code(mail), noon) == "proven"


async def test_a_decoy_is_mailed_again_like_any_other(identity: Identity, noon: datetime) -> None:
    asked = await identity.ask_reset(ADDRESS, noon)
    again = await identity.resend(asked, noon + MINUTE)
    assert again.resend_after_seconds == 60
    notices = await identity.outbox("identity.code.v1")
    assert [short(notice) for notice in notices] == ["code.no-account-noticed"] * 2
    assert [notice.data["generation"] for notice in notices] == [1, 2]


async def test_a_decoy_becomes_real_when_its_address_gets_an_account(
    identity: Identity, noon: datetime
) -> None:
    """Trial A4's kind: each new code looks at the account as it is now."""
    asked = await identity.ask_reset(ADDRESS, noon)
    await identity.make_account("Ada@example.org", noon)
    await identity.resend(asked, noon + MINUTE)
    mail = (await identity.outbox("identity.code.v1"))[-1]
    assert (short(mail), mail.data["address"]) == ("code.reset-requested", "Ada@example.org")
    code = identity.code(asked.challenge_id, "reset", 2)
    assert await identity.outcome(asked, code, noon + MINUTE) == "proven"
