"""The topics table says who publishes and who consumes what; the services do exactly that.

A service publishes what its outbox holds after all has happened to it that can. That each consumer of a
compacted topic handles its tombstones is in `test_golden_effects.py`.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from catalog.domain.editorial import Note
from catalog.domain.video import Stop
from catalog.representations.submission import read_manifest
from catalog.usecases.plan_import import plan_import
from catalog.usecases.record_import import record_import
from catalog.usecases.stop_video import stop_video
from delivery.usecases.tell_takers import tell_takers
from identity.domain.account import Consent
from identity.domain.act import Act, Action
from identity.domain.address import parse_address
from identity.domain.challenge import Challenge
from identity.usecases.act_on_account import act_on_account
from identity.usecases.change_newsletter import change_newsletter
from identity.usecases.end_sessions import end_sessions
from identity.usecases.move_account import move_account
from identity.usecases.purge_expired import purge_expired
from identity.usecases.republish_accounts import republish_accounts
from identity.usecases.request_code import request_code
from newsreel_events import EVENTS, TOPICS
from newsreel_events.topics import service_of
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_runtime.service import Service
from newsreel_testing.delivery_service import Delivery
from newsreel_testing.fake_smtp import Queue, a_pool, a_request, ended, later, mail_server, sending
from newsreel_testing.identity_service import HOME, PASSWORD, Identity
from newsreel_testing.portal_videos import full_manifest
from newsreel_testing.recall_stage import Recalls

SERVICES = ("identity", "notifier", "catalog", "delivery", "portal")
Databases = Callable[[str], Awaitable[Database]]


def published_by_table(service: str) -> set[str]:
    """The event types that a service may publish."""
    return {event.type for topic in TOPICS if topic.producer == service for event in topic.events}


def consumed_by_table(service: str) -> set[str]:
    """The topics that a service consumes; which of their types it has an effect for is its own affair."""
    return {topic.name for topic in TOPICS if service in map(service_of, topic.consumers)}


async def published(database: Database) -> set[tuple[str, str]]:
    """Topic and type of all that is in the outbox."""
    async with database.read() as sql:
        rows = await sql.fetch("SELECT topic, type, payload FROM outbox")
    assert all((row["payload"] is None) == row["type"].endswith(".erased.v1") for row in rows)
    return {(row["topic"], row["type"]) for row in rows}


def as_the_table_says(found: set[tuple[str, str]], service: str) -> None:
    """Every type of the table was published, on its topic; beside them tombstones of compacted topics."""
    events = {(topic, type_) for topic, type_ in found if not type_.endswith(".erased.v1")}
    assert events == {(EVENTS[type_].topic, type_) for type_ in published_by_table(service)}
    compacted = {topic.name for topic in TOPICS if topic.compacted and topic.producer == service}
    assert {topic for topic, _ in found - events} <= compacted


async def test_identity_publishes_what_the_table_says(service_database: Databases) -> None:
    identity = Identity(await service_database("identity"))
    at = now()
    account_id = await identity.make_account("ada@example.org", at)
    await identity.register("ada@example.org", at)  # taken
    await identity.ask_reset("nobody@example.org", at)  # no account
    asked = await identity.ask_reset("ada@example.org", at)
    proven = await identity.verify(asked, identity.code(asked.challenge_id, "reset"), at)
    assert proven is not None
    assert proven.reset_token is not None
    await identity.set_password(asked.challenge_id, proven.reset_token, f"{PASSWORD}!", at)
    other_id = await identity.make_account("eve@example.org", at)
    for address in ("ada@desk.example", "eve@example.org"):  # free, and taken
        async with identity.database.begin() as tx:
            await request_code(
                tx,
                "address",
                parse_address(address),
                locale="en",
                secret=None,
                origin=HOME,
                keys=identity.keys,
                at=at,
                account_id=account_id,
            )
    moving = Challenge(asked.challenge_id, "address", other_id, "eve@x.example", "eve@x.example", "en", b"")
    async with identity.database.begin() as tx:
        await move_account(tx, moving, at)
    for wanted in (True, False):
        async with identity.database.begin() as tx:
            await change_newsletter(tx, account_id, at + timedelta(hours=1), Consent(wanted, at, "account"))
    async with identity.database.begin() as tx:
        await end_sessions(tx, account_id, at + timedelta(hours=1), at + timedelta(minutes=30))
    acts: tuple[Action, ...] = ("suspend", "restore", "set-role")
    for action in acts:
        async with identity.database.begin() as tx:
            await act_on_account(tx, account_id, Act(action, "olga", "ticket 7", at, ("editor",)))
    async with identity.database.begin() as tx:
        await republish_accounts(tx, UUID(int=0))
    await identity.register("never@example.org", at)
    async with identity.database.begin() as tx:
        await tx.sql.execute("UPDATE challenge SET purge_after = now() - interval '1 second'")
    async with identity.database.begin() as tx:
        await purge_expired(tx)
    found = await published(identity.database)
    as_the_table_says(found, "identity")
    assert {type_ for _, type_ in found if type_.endswith(".erased.v1")} == {
        "newsreel.identity.account.erased.v1",
        "newsreel.identity.contact.erased.v1",
    }
    identity.hashing.close()


async def test_the_notifier_publishes_what_the_table_says(service_database: Databases) -> None:
    queue = Queue(await service_database("notifier"))
    async with mail_server() as server:
        server.replies["RCPT"].extend(["550 nobody", "451 try later"])
        async with sending(queue.database, a_pool(server)):
            await ended(queue, await queue.add(), "bounced")
            await ended(queue, await queue.add(), "accepted")  # delayed first
            await ended(queue, await queue.add(later(a_request(), -1)), "expired")
    await Recalls(queue.database).noticed(new_id())
    as_the_table_says(await published(queue.database), "notifier")


async def test_the_catalog_publishes_what_the_table_says(service_database: Databases) -> None:
    database = await service_database("catalog")
    for title in ("A bridge", "The bridge"):
        manifest = full_manifest(1) | {"titles": {"en": title}}
        submission = read_manifest(json.dumps(manifest).encode())
        async with database.begin() as tx:
            await record_import(tx, await plan_import(tx.sql, submission), now())
    video_id = await video_of(database)
    note = Note("olga", "ticket 7", now())
    async with database.begin() as tx:
        await stop_video(tx, video_id, "withheld", Stop("rights", {}), note, version=2)
    async with database.begin() as tx:
        await stop_video(tx, video_id, "withdrawn", Stop("legal", {"en": "By court order."}), note, version=3)
    found = await published(database)
    as_the_table_says(found, "catalog")
    assert ("catalog.transcript.v1", "newsreel.catalog.transcript.erased.v1") in found


async def video_of(database: Database) -> UUID:
    async with database.read() as sql:
        video_id: UUID = await sql.fetchval("SELECT video_id FROM video")
    return video_id


async def test_delivery_publishes_what_the_table_says(service_database: Databases, tmp_path: Path) -> None:
    delivery = Delivery(await service_database("delivery"), tmp_path)
    video, rendition = await delivery.publish_file(b"bytes")
    bearer = delivery.issuer.bearer(await delivery.account())
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    async with delivery.client() as client:
        granted = await client.post("/v1/grants", json=wanted, headers=bearer)
        grant_id = granted.json()["grant_id"]
        ticket = await client.get(f"/download/{grant_id}", headers=bearer)
        revoked = await client.delete(f"/v1/downloads/{grant_id}", headers=bearer)
        refused = await client.get(f"/download/{grant_id}", headers=bearer)
    assert [answer.status_code for answer in (ticket, revoked, refused)] == [307, 204, 410]
    await delivery.withdraw(video, "error", {})
    more = True
    while more:
        async with delivery.database.begin() as tx:
            more = await tell_takers(tx, now(), 100, 100)
    as_the_table_says(await published(delivery.database), "delivery")


def test_every_producer_is_driven_here() -> None:
    assert {topic.producer for topic in TOPICS} == {"identity", "notifier", "catalog", "delivery"}


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_consumes_what_the_table_says(
    service: str, composed: Callable[[str], Awaitable[Service]]
) -> None:
    consumers = (await composed(service)).consumers
    types = frozenset(type_ for consumer in consumers for type_ in consumer.types)
    assert {EVENTS[type_].topic for type_ in types} == consumed_by_table(service)


@pytest.mark.parametrize(
    "planted",
    [
        {("catalog.video.v1", "newsreel.identity.account.verified.v1")},
        {("delivery.download.v1", "newsreel.delivery.download.granted.v1")},
        {("delivery.download.v1", "newsreel.delivery.download.erased.v1")},
    ],
)
def test_another_event_a_missing_one_and_a_tombstone_out_of_place_are_noticed(
    planted: set[tuple[str, str]],
) -> None:
    right = {(EVENTS[type_].topic, type_) for type_ in published_by_table("delivery")}
    as_the_table_says(right, "delivery")
    wrong = planted if planted < right else right | planted
    with pytest.raises(AssertionError):
        as_the_table_says(wrong, "delivery")
