"""Steady journeys on a running stack: what they count, and that a failure is seen."""

import asyncio
from collections import Counter
from contextlib import suppress

import httpx

from newsreel_deploy.journeys.record import Mails, Record
from newsreel_deploy.journeys.traffic import Traffic
from newsreel_local.journey import Addresses
from newsreel_local.mailbox_reader import MailboxReader
from newsreel_testing.wait_until import free_port, until


class LocalInbox:
    """The local stack's mail server, as an `Inbox`."""

    def __init__(self, client: httpx.AsyncClient, addresses: Addresses) -> None:
        self._client = client
        self._origin = addresses.mailbox
        self._reader = MailboxReader(client, addresses.mailbox)

    async def code(self, address: str, seconds: float) -> str:
        async with asyncio.timeout(seconds):
            while True:
                with suppress(httpx.RemoteProtocolError):  # it closes a connection that was idle for long
                    return (await self._reader.wait(address, seconds=seconds)).code

    async def counted(self) -> Counter[str]:
        answer = await self._client.get(f"{self._origin}/messages")
        return Counter(address for mail in answer.json()["messages"] for address in mail["recipients"])


async def test_people_come_and_go_without_a_failure(addresses: Addresses) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        inbox = LocalInbox(client, addresses)
        people = Traffic(addresses.portal, inbox, rate=4)
        end = asyncio.Event()
        running = asyncio.create_task(people.run(end))

        async def each_kind_was_there() -> bool:
            return len(people.record.registrations) >= 2 and len(people.record.requests) > 60

        await until(each_kind_was_there, "people", deadline=60)
        end.set()
        await running
        mails = await people.mails()
    assert [*map(str, people.record.failures)] == []
    assert mails == Mails(lost=[], doubled=[])


async def test_a_portal_that_is_away_is_a_failure_with_what_and_when(addresses: Addresses) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    async with httpx.AsyncClient() as client:
        people = Traffic(nobody, LocalInbox(client, addresses), rate=20)
        end = asyncio.Event()
        running = asyncio.create_task(people.run(end))

        async def failed() -> bool:
            return len(people.record.failures) >= 3

        await until(failed, "failures")
        end.set()
        await running
    failure = people.record.failures[0]
    assert "ConnectError" in failure.what
    assert (failure.journey, failure.step) == ("registers", "opens the registration")
    assert people.record.between(0, failure.at + 3600).failures == len(people.record.failures)
    assert people.record.between(0, failure.at).failures == 0


def test_a_mail_that_is_missing_and_one_too_many_are_seen() -> None:
    record = Record(registrations={"a@example.org": 1.0, "b@example.org": 2.0, "c@example.org": 3.0})
    arrived = Counter({"a@example.org": 1, "b@example.org": 2, "somebody@example.org": 5})
    assert Mails.of(record, arrived) == Mails(lost=["c@example.org"], doubled=["b@example.org"])
