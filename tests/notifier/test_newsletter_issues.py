"""Issues and their mails: once per person and day, whatever happens in between."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from newsreel_events import Envelope
from newsreel_events.identity import ContactChangedV1
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.transaction import Tx
from newsreel_testing.fake_smtp import KEYS, PORTAL, SENDER, MailServer, Queue, a_pool, sending
from newsreel_testing.newsletter_stage import Newsletters
from newsreel_testing.wait_until import until
from notifier.inbound_kafka import contact_changed, contact_erased
from notifier.store import issues, news
from notifier.store.queue import NEWSLETTERS
from notifier.templates import read_texts
from notifier.usecases.make_issue import make_issue, queue_mails
from notifier.usecases.write_mail import NewsletterWriter
from notifier.worker.sender import MailSender

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
async def newsletters(database: Database) -> Newsletters:
    stage = Newsletters(database)
    await stage.begun()
    return stage


class Sending:
    """The newsletter's sender at work."""

    def __init__(self, database: Database, server: MailServer, keys: KeyRing = KEYS) -> None:
        writer = NewsletterWriter(database, read_texts(), SENDER, PORTAL, keys)
        lease = timedelta(seconds=60)
        self._sender = MailSender(database, NEWSLETTERS, a_pool(server, size=2), writer.write, lease)
        self._stopping = asyncio.Event()

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._sender.run(self._stopping))

    async def __aexit__(self, *_: object) -> None:
        self._stopping.set()
        self._sender.wake()
        await self._task


async def ended(newsletters: Newsletters) -> bool:
    states = await newsletters.states()
    return bool(states) and not any(has_address for _, has_address in states)


async def test_each_subscriber_gets_each_issue_once(newsletters: Newsletters, server: MailServer) -> None:
    await newsletters.subscriber("ada@desk.example")
    await newsletters.subscriber("bohdan@desk.example", "uk")
    await newsletters.subscriber("not@desk.example", newsletter=False)
    await newsletters.published("First")
    made = await newsletters.due()
    assert made is not None
    assert made.videos == 1
    assert await newsletters.due() is None
    await newsletters.queued()
    async with Sending(newsletters.database, server):
        await until(partial(ended, newsletters), "the mails")
    assert {mail.recipients[0] for mail in server.arrived} == {"ada@desk.example", "bohdan@desk.example"}
    assert len(server.arrived) == 2
    subjects = {mail.recipients[0]: mail.message["Subject"] for mail in server.arrived}
    assert subjects["bohdan@desk.example"] == "Нове на Newsreel: First"


async def test_m8_a_code_does_not_wait_behind_newsletters(
    newsletters: Newsletters, server: MailServer
) -> None:
    for number in range(200):
        await newsletters.subscriber(f"{number}@desk.example")
    await newsletters.published()
    await newsletters.sent_by_hand()
    server.replies["DATA"].extend(["wait", "wait"])  # both connections for newsletters
    queue = Queue(newsletters.database)
    async with Sending(newsletters.database, server):
        await asyncio.wait_for(server.hanging.wait(), 10)
        await until(partial(_taken, server, 2), "both connections are held")
        async with sending(newsletters.database, a_pool(server)):
            request = await queue.add()
            await until(partial(queue.in_state, request, "accepted"), "the code", deadline=10)
        assert ("accepted", False) not in await newsletters.states()
        server.go.set()
        await until(partial(ended, newsletters), "the newsletters", deadline=60)


async def _taken(server: MailServer, count: int) -> bool:
    return len(server.arrived) >= count


async def test_two_replicas_make_one_issue(newsletters: Newsletters) -> None:
    for number in range(5):
        await newsletters.subscriber(f"{number}@desk.example")
    await newsletters.published()
    made = await asyncio.gather(*(newsletters.due() for _ in range(4)))
    assert sum(one is not None for one in made) == 1
    await asyncio.gather(*(newsletters.queued() for _ in range(4)))
    await newsletters.queued()
    assert await newsletters.states() == [("queued", True)] * 5


async def test_nobody_gets_two_on_one_day(newsletters: Newsletters) -> None:
    await newsletters.subscriber("ada@desk.example")
    await newsletters.published("First")
    await newsletters.sent_by_hand()
    await newsletters.subscriber("later@desk.example")
    await newsletters.published("Second")
    await newsletters.sent_by_hand()
    assert len(await newsletters.states()) == 2
    await newsletters.published("Third")
    await newsletters.sent_by_hand(now().date() + timedelta(days=1))
    assert len(await newsletters.states()) == 4


async def test_when_nothing_is_new_nothing_is_sent(newsletters: Newsletters) -> None:
    await newsletters.subscriber("ada@desk.example")
    await newsletters.published("Old", published_at=now() - timedelta(days=22))
    made = await newsletters.due()
    assert made is not None
    assert made.videos == 0
    await newsletters.queued()
    assert await newsletters.states() == []
    video = await newsletters.published("New")
    await newsletters.sent_by_hand()
    async with newsletters.database.begin() as tx:
        await news.save_video(tx, video.model_copy(update={"version": 2, "titles": {"en": "Revised"}}))
    assert (await newsletters.sent_by_hand(now().date() + timedelta(days=1))).videos == 0


async def test_a_new_installation_begins_with_the_next_slot(database: Database) -> None:
    stage = Newsletters(database)
    await stage.published()
    assert await stage.due("daily 06:00 UTC", NOON) is None
    assert await stage.due("daily 06:00 UTC", NOON + timedelta(hours=17)) is None
    made = await stage.due("daily 06:00 UTC", NOON + timedelta(hours=18))
    assert made is not None


async def test_a_slot_that_is_long_past_is_passed_over(newsletters: Newsletters) -> None:
    await newsletters.published()
    weekly = f"{f'{now() - timedelta(days=2):%A}'.lower()} 00:00 UTC"
    assert await newsletters.due(weekly) is None
    assert await newsletters.due(weekly) is None
    assert (await newsletters.sent_by_hand()).videos == 1


async def test_who_leaves_gets_none_that_is_under_way(newsletters: Newsletters, server: MailServer) -> None:
    gone = await newsletters.subscriber("gone@desk.example")
    erased = await newsletters.subscriber("erased@desk.example")
    await newsletters.subscriber("ada@desk.example")
    await newsletters.published()
    await newsletters.sent_by_hand()
    async with newsletters.database.begin() as tx:
        await issues.withdraw_mail(tx, gone)
    async with newsletters.database.begin() as tx:
        await contact_erased(tx, str(erased))
    async with Sending(newsletters.database, server):
        await until(partial(ended, newsletters), "the mails")
    assert [mail.recipients for mail in server.arrived] == [["ada@desk.example"]]
    assert sorted(state for state, _ in await newsletters.states()) == ["accepted", "withdrawn", "withdrawn"]


async def test_a_newsletter_that_is_under_way_follows_to_another_address(
    newsletters: Newsletters, server: MailServer
) -> None:
    account_id = await newsletters.subscriber("old@desk.example")
    await newsletters.subscriber("ada@desk.example")
    await newsletters.published()
    await newsletters.sent_by_hand()
    at = now()
    moves = (("new@desk.example", at), ("old@desk.example", at - timedelta(hours=1)))  # the older one again
    for address, moment in (*moves, moves[0]):
        event = ContactChangedV1(account_id=account_id, address=address, locale="en", newsletter=True)
        envelope = Envelope(id=new_id(), type="-", source="-", time=moment, key="-")
        async with newsletters.database.begin() as tx:
            await contact_changed(tx, event, envelope)
    async with Sending(newsletters.database, server):
        await until(partial(ended, newsletters), "the mails")
    assert sorted(mail.recipients[0] for mail in server.arrived) == ["ada@desk.example", "new@desk.example"]


@pytest.mark.parametrize("first", ["leaving", "queueing"])
async def test_who_leaves_while_the_issue_is_queued_gets_none(newsletters: Newsletters, first: str) -> None:
    """Whichever commits first, the other one waits for it."""
    account_id = await newsletters.subscriber("gone@desk.example")
    await newsletters.subscriber("ada@desk.example")
    await newsletters.published()
    async with newsletters.database.begin() as tx:
        await make_issue(tx, now().date(), None, now())

    async def leave(tx: Tx) -> None:
        await contact_erased(tx, str(account_id))

    async def queue(tx: Tx) -> None:
        assert await queue_mails(tx)

    async def alone(work: Callable[[Tx], Awaitable[None]]) -> None:
        async with newsletters.database.begin() as tx:
            await work(tx)

    async def waits() -> bool:
        async with newsletters.database.read() as sql:
            blocked = (
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0)"
            )
            return bool(await sql.fetchval(blocked))

    one, other = (leave, queue) if first == "leaving" else (queue, leave)
    async with newsletters.database.begin() as tx:
        await one(tx)
        await tx.flush()
        task = asyncio.create_task(alone(other))
        await until(waits, "the other one waits")
    await task
    states = [state for state, has_address in await newsletters.states() if has_address]
    assert states == ["queued"]
    async with newsletters.database.read() as sql:
        assert (
            await sql.fetchval("SELECT address FROM newsletter_mail WHERE ended_at IS NULL")
            == "ada@desk.example"
        )


async def test_who_is_refused_for_good_gets_no_other(newsletters: Newsletters, server: MailServer) -> None:
    account_id = await newsletters.subscriber("nobody@desk.example")
    await newsletters.published("First")
    await newsletters.sent_by_hand()
    server.replies["RCPT"].append("550 5.1.1 no such mailbox")
    async with Sending(newsletters.database, server):
        await until(partial(ended, newsletters), "the refusal")
    assert await newsletters.states() == [("bounced", False)]
    tomorrow = now().date() + timedelta(days=1)
    await newsletters.published("Second")
    await newsletters.sent_by_hand(tomorrow)
    assert len(await newsletters.states()) == 1
    async with newsletters.database.read() as sql:
        assert await issues.count_subscribers(sql) == (0, 1)
    # Another address of the same account is tried again.
    await newsletters.subscriber("right@desk.example", account_id=account_id)
    await newsletters.published("Third")
    await newsletters.sent_by_hand(tomorrow)
    assert len(await newsletters.states()) == 2


async def test_a_withdrawn_video_is_not_announced(newsletters: Newsletters, server: MailServer) -> None:
    await newsletters.subscriber("ada@desk.example")
    video = await newsletters.published("Withdrawn")
    await newsletters.sent_by_hand()
    async with newsletters.database.begin() as tx:
        await news.save_video(tx, video.model_copy(update={"status": "withheld", "version": 2}))
    async with Sending(newsletters.database, server):
        await until(partial(ended, newsletters), "the end")
    assert server.arrived == []
    assert await newsletters.states() == [("expired", False)]


async def test_an_older_state_of_a_video_changes_nothing(newsletters: Newsletters) -> None:
    video = await newsletters.published("New", version=3)
    async with newsletters.database.begin() as tx:
        await news.save_video(tx, video.model_copy(update={"version": 2, "titles": {"en": "Old"}}))
    async with newsletters.database.read() as sql:
        [item] = await news.waiting(sql, NOON - timedelta(days=1))
    assert item.title("fr") == ("en", "New")
