"""Who took what is recalled is mailed once, in a lane that nothing else waits in."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from email import message_from_bytes
from email.policy import default
from functools import partial
from uuid import UUID

import pytest

from newsreel_events import Envelope
from newsreel_events.identity import ContactChangedV1
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_testing.databases import Databases
from newsreel_testing.fake_smtp import PORTAL, MailServer, Queue, a_pool, mail_server, sending
from newsreel_testing.recall_stage import Recalls, a_recall, sending_recalls
from newsreel_testing.sender_process import sender_environment, sender_process
from newsreel_testing.wait_until import until
from notifier.inbound_kafka import contact_changed, contact_erased


@pytest.fixture
async def recalls(service_database: Callable[[str], Awaitable[Database]]) -> Recalls:
    return Recalls(await service_database("notifier"))


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


async def test_each_person_is_told_once_and_in_their_language(recalls: Recalls, server: MailServer) -> None:
    ada = await recalls.person("ada@desk.example")
    olena = await recalls.person("olena@desk.example", "uk")
    notice = await recalls.noticed(ada)
    await recalls.noticed(ada, notice)  # the event once more, from a replay
    await recalls.noticed(olena)
    async with sending_recalls(recalls.database, server):
        await until(recalls.have_ended, "the mails")
    subjects = {mail.recipients[0]: str(mail.message["Subject"]) for mail in server.arrived}
    assert subjects == {
        "ada@desk.example": "Withdrawn, do not use: Press conference (NR-0001)",
        "olena@desk.example": "Відкликано, не використовуйте: Пресконференція (NR-0001)",
    }
    assert len(server.arrived) == 2
    said = await recalls.said()
    assert [event["outcome"] for event in said] == ["accepted"] * 2
    assert str(notice) in {event["notice_id"] for event in said}


async def test_the_note_stands_in_the_mail_and_the_new_files_are_linked(
    recalls: Recalls, server: MailServer
) -> None:
    corrected = Recalls(recalls.database, a_recall("corrected"))
    await corrected.noticed(await recalls.person("ada@desk.example"))
    async with sending_recalls(recalls.database, server):
        await until(recalls.have_ended, "the mail")
    message = message_from_bytes(server.arrived[0].message.as_bytes(), policy=default)
    part = message.get_body(("plain",))
    assert part is not None
    text = part.get_content()
    assert "A date is wrong." in text
    assert f"{PORTAL}/videos/{corrected.recalled.video_id}" in text


@pytest.mark.parametrize("is_refused", [False, True])
async def test_who_cannot_be_reached_is_said(
    recalls: Recalls, server: MailServer, *, is_refused: bool
) -> None:
    """A program has no address; one that the mail server refused for good gets no other mail."""
    account = new_id()
    if is_refused:
        account = await recalls.person("gone@desk.example")
        server.replies["RCPT"].append("550 5.1.1 no such mailbox")
        await recalls.noticed(account)
        async with sending_recalls(recalls.database, server):
            await until(recalls.have_ended, "the refusal")
        assert [event["outcome"] for event in await recalls.said()] == ["bounced"]
    notice = await recalls.noticed(account)
    event = (await recalls.said())[-1]
    assert (event["outcome"], event["notice_id"]) == ("unreachable", str(notice))
    assert server.arrived == []


async def test_who_is_erased_gets_none_and_who_moved_gets_it_there(
    recalls: Recalls, server: MailServer
) -> None:
    erased, moved = await recalls.person("erased@desk.example"), await recalls.person("old@desk.example")
    for account in (erased, moved):
        await recalls.noticed(account)
    event = ContactChangedV1(account_id=moved, address="new@desk.example", locale="en", newsletter=False)
    async with recalls.database.begin() as tx:
        await contact_erased(tx, str(erased))
        await contact_changed(tx, event, Envelope(id=new_id(), type="-", source="-", time=now(), key="-"))
    async with sending_recalls(recalls.database, server):
        await until(recalls.have_ended, "the mail")
    assert [mail.recipients for mail in server.arrived] == [["new@desk.example"]]
    assert sorted(await recalls.states()) == ["accepted", "withdrawn"]


async def test_m8_a_code_does_not_wait_behind_recalls(recalls: Recalls, server: MailServer) -> None:
    for number in range(200):
        await recalls.noticed(await recalls.person(f"{number}@desk.example"))
    server.replies["DATA"].extend(["wait", "wait"])  # both connections for recalls
    queue = Queue(recalls.database)
    async with sending_recalls(recalls.database, server):
        await asyncio.wait_for(server.hanging.wait(), 10)

        async def are_held() -> bool:
            return len(server.arrived) >= 2

        await until(are_held, "both connections are held")
        async with sending(recalls.database, a_pool(server)):
            request = await queue.add()
            await until(partial(queue.in_state, request, "accepted"), "the code", deadline=10)
        assert "accepted" not in await recalls.states()
        server.go.set()
        await until(recalls.have_ended, "the recalls", deadline=60)


@pytest.mark.parametrize("point", ["mail.claimed", "mail.delivered"])
async def test_a_killed_notifier_misses_nobody(databases: Databases, point: str) -> None:
    """Between the server's 250 and the commit nobody knows: there a mail goes twice, as one Message-ID."""
    async with (
        mail_server() as server,
        databases.fresh("notifier") as postgres,
        Database.open(postgres) as database,
    ):
        recalls = Recalls(database)
        people: list[UUID] = [await recalls.person(f"{number}@desk.example") for number in range(5)]
        for account in people:
            await recalls.noticed(account)
        variables = sender_environment(postgres, server.port)
        async with sender_process(variables | {"NEWSREEL_FAILPOINTS": point}) as doomed:
            assert await doomed.wait() == -signal.SIGKILL
        async with sender_process(variables):
            await until(recalls.have_ended, "the mails", deadline=30)
        assert (len(server.arrived) > 5) == (point == "mail.delivered")
        assert len({mail.recipients[0] for mail in server.arrived}) == 5
        assert len({mail.message["Message-ID"] for mail in server.arrived}) == 5
