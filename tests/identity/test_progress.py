"""What the person who waits for a mail is told: the truth, and the same for every address."""

from datetime import datetime, timedelta
from typing import TypeAlias

import httpx
import pytest

from identity.inbound_kafka import mail_accepted, mail_bounced, mail_delayed
from identity.usecases.request_code import Requested
from identity.usecases.tell_progress import Progress, tell_progress
from newsreel_events import Envelope, TraceContext
from newsreel_events.notifier import MailAcceptedV1, MailBouncedV1, MailDelayedV1
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.ids import new_id
from newsreel_testing.identity_service import Identity, short

ADDRESS = "ada@example.org"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
Said: TypeAlias = MailAcceptedV1 | MailBouncedV1 | MailDelayedV1
KINDS = {
    "code.signup-requested": "signup_code",
    "code.reset-requested": "reset_code",
    "code.address-taken-noticed": "address_taken",
    "code.no-account-noticed": "no_account",
}


class Waiting:
    """Somebody who waits for a mail."""

    def __init__(self, identity: Identity, asked: Requested) -> None:
        self.identity = identity
        self.asked = asked

    async def told(self, at: datetime) -> Progress:
        async with self.identity.database.read() as sql:
            secret, keys = self.asked.challenge_secret, self.identity.keys
            return await tell_progress(sql, self.asked.challenge_id, secret, keys, at)

    async def state(self, at: datetime) -> str:
        return (await self.told(at)).state

    async def hears(self, said: type[Said], at: datetime, kind: str | None = None) -> None:
        """The notifier says what became of the newest mail."""
        rows = await self.identity.outbox("identity.code.v1")
        row = next(row for row in reversed(rows) if row.key == str(self.asked.challenge_id))
        event = said(
            reference_id=self.asked.challenge_id,
            generation=row.data["generation"],
            kind=kind or KINDS[short(row)],
            occurred_at=at,
        )
        envelope = Envelope.of(event, event_id=new_id(), time=at, trace=TraceContext())
        async with self.identity.database.begin() as tx:
            match event:
                case MailAcceptedV1():
                    await mail_accepted(tx, event, envelope)
                case MailDelayedV1():
                    await mail_delayed(tx, event, envelope)
                case MailBouncedV1():
                    await mail_bounced(tx, event, envelope)


async def every(identity: Identity, at: datetime) -> list[Waiting]:
    """A new, a taken, an unknown and a known address, each asked for."""
    await identity.make_account(ADDRESS, at - timedelta(days=2))
    asked = [
        await identity.register("new@example.org", at),
        await identity.register(ADDRESS, at),
        await identity.ask_reset("nobody@example.org", at),
        await identity.ask_reset(ADDRESS, at),
    ]
    return [Waiting(identity, one) for one in asked]


async def test_each_state_is_told_and_is_the_same_for_every_address(
    identity: Identity, noon: datetime
) -> None:
    people = await every(identity, noon)
    for said, state in (
        (None, "queued"),
        (MailDelayedV1, "delayed"),
        (MailBouncedV1, "bounced"),
        (MailDelayedV1, "delayed"),
        (MailAcceptedV1, "accepted"),
        (MailDelayedV1, "accepted"),
    ):
        for person in people:
            if said is not None:
                await person.hears(said, noon + MINUTE)
        assert {await person.state(noon + MINUTE) for person in people} == {state}
    told = [await person.told(noon + MINUTE) for person in people]
    assert len(set(told)) == 1
    assert told[0].code_expires_at == noon + 31 * MINUTE
    assert {await person.state(noon + 31 * MINUTE) for person in people} == {"expired"}


async def test_a_new_code_may_be_asked_for_when_it_says_so(identity: Identity, noon: datetime) -> None:
    for person in await every(identity, noon):
        assert (await person.told(noon)).resend_after_seconds == 30
        told = await person.told(noon + 30 * SECOND)
        assert told.resend_after_seconds == 0
        await person.hears(MailBouncedV1, noon)
        await identity.resend(person.asked, noon + 30 * SECOND)
        told = await person.told(noon + 30 * SECOND)
        assert (told.state, told.resend_after_seconds) == ("queued", 60)


async def test_another_mail_of_the_same_reference_says_nothing(identity: Identity, noon: datetime) -> None:
    """The notice that a password was changed is named by the challenge of the reset."""
    *_, person = await every(identity, noon)
    await person.hears(MailAcceptedV1, noon, kind="password_changed")
    await person.hears(MailBouncedV1, noon, kind="password_changed")
    assert await person.state(noon) == "queued"


async def test_who_comes_after_the_last_mail_is_told_of_it(identity: Identity, noon: datetime) -> None:
    await identity.make_account(ADDRESS, noon - timedelta(days=2))
    for address in (ADDRESS, "nobody@example.org"):
        for _ in range(4):
            await identity.ask_reset(address, noon)
        person = Waiting(identity, await identity.ask_reset(address, noon))
        assert await person.state(noon) == "earlier"
        assert (await person.told(noon)).resend_after_seconds == 30 * 60


async def test_a_request_that_is_over_says_so(identity: Identity, noon: datetime) -> None:
    person = (await every(identity, noon))[0]
    assert await identity.verify(person.asked, identity.code(person.asked.challenge_id), noon)
    assert await person.state(noon) == "over"


async def test_another_browser_is_told_nothing(
    identity: Identity, client: httpx.AsyncClient, noon: datetime
) -> None:
    asked = await identity.register(ADDRESS, noon)
    path = f"/v1/challenges/{asked.challenge_id}"
    for secret in ("x" * 22, ""):
        answer = await client.get(path, headers={"Newsreel-Challenge-Secret": secret})
        assert answer.status_code in {404, 422}
    assert (await client.get(path)).status_code == 422
    told = await client.get(path, headers={"Newsreel-Challenge-Secret": asked.challenge_secret})
    assert told.json()["state"] == "expired"  # noon is long ago
    other = Waiting(identity, Requested(new_id(), "x" * 22, 0, noon))
    with pytest.raises(ServiceError, match="challenge-unknown"):
        await other.told(noon)
