"""A recall: who took what the catalogue takes back is told, once, whatever is killed."""

import asyncio
import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from delivery import store
from delivery.domain.grant import Grant
from delivery.inbound_kafka import on_notice_mailed
from delivery.store import recalls
from delivery.usecases.tell_takers import tell_takers
from newsreel_events.catalog import VideoStateV1
from newsreel_events.notifier import NoticeMailedV1
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_testing.databases import Databases
from newsreel_testing.delivery_command import newsreel_delivery
from newsreel_testing.delivery_service import NOON, Delivery, a_rendition, a_video, received
from newsreel_testing.delivery_timers import delivery_timers
from newsreel_testing.environment import environment_of
from newsreel_testing.wait_until import until

NOTICED = "newsreel.delivery.recall.noticed.v1"


async def told(database: Database) -> list[dict[str, Any]]:
    """What the events say, oldest first."""
    async with database.read() as sql:
        rows = await sql.fetch("SELECT key, payload FROM outbox WHERE type = $1 ORDER BY seq", NOTICED)
    assert [row["key"] for row in rows] == [json.loads(row["payload"])["notice_id"] for row in rows]
    return [json.loads(row["payload"]) for row in rows]


def mailed(event: dict[str, Any], outcome: str) -> NoticeMailedV1:
    """The notifier says what became of the mail."""
    return NoticeMailedV1(notice_id=event["notice_id"], outcome=outcome, occurred_at=NOON)


async def tell(database: Database, grants: int = 10_000, accounts: int = 200) -> None:
    """All that the timer does."""
    more = True
    while more:
        async with database.begin() as tx:
            more = await tell_takers(tx, NOON, grants, accounts)


async def take(delivery: Delivery, video: VideoStateV1, account: UUID, number: int = 0) -> str:
    """The account asks for a rendition of the video, and takes it."""
    rendition = video.renditions[number]
    delivery.put(rendition, b"bytes")
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    async with delivery.client() as client:
        bearer = delivery.issuer.bearer(account)
        grant_id = (await client.post("/v1/grants", json=wanted, headers=bearer)).json()["grant_id"]
        assert (await client.get(f"/download/{grant_id}", headers=bearer)).status_code == 307
    return str(grant_id)


def changed(video: VideoStateV1, version: int, status: str = "usable", **others: object) -> VideoStateV1:
    return video.model_copy(update={"version": version, "status": status, **others})


async def test_who_took_a_withdrawn_video_is_told_once_and_who_did_not_is_not(delivery: Delivery) -> None:
    video = await delivery.publish(a_video(a_rendition(b"bytes"), a_rendition(b"proxy", "proxy.mp4")))
    other = await delivery.publish(a_video(a_rendition(b"bytes")))
    both, one, stranger, asker = [await delivery.account() for _ in range(4)]
    await take(delivery, video, both)
    await take(delivery, video, both, 1)
    await take(delivery, video, one, 1)
    await take(delivery, other, stranger)
    async with delivery.client() as client:
        wanted = {"video_id": str(video.video_id), "rendition_id": str(video.renditions[0].rendition_id)}
        await client.post("/v1/grants", json=wanted, headers=delivery.issuer.bearer(asker))
    for _ in range(2):  # the record once more
        await delivery.publish(changed(video, 2, "withdrawn"))
        await tell(delivery.database, grants=2, accounts=1)
    await delivery.publish(changed(video, 3, "withdrawn"))
    await tell(delivery.database)
    said = await told(delivery.database)
    assert [event["account_id"] for event in said] == sorted(map(str, (both, one)))
    assert len({event["recall_id"] for event in said}) == 1
    taken = {event["account_id"]: len(event["rendition_ids"]) for event in said}
    assert taken == {str(both): 2, str(one): 1}
    assert {(event["kind"], event["version"], event["reference"]) for event in said} == {
        ("withdrawn", 2, "NR-0001")
    }
    assert said[0]["titles"] == {"en": "Press conference"}


async def test_a_revision_recalls_the_files_that_it_takes_back(delivery: Delivery) -> None:
    """Not one that changes words alone, or adds a file; and of two files only the one that is gone."""
    kept, gone, added = (a_rendition(name.encode(), f"{name}.mp4") for name in ("kept", "gone", "added"))
    video = await delivery.publish(a_video(kept, gone))
    ada, eve = await delivery.account(), await delivery.account()
    await take(delivery, video, ada, 0)
    await take(delivery, video, eve, 1)
    await delivery.publish(changed(video, 2, titles={"en": "Another title"}))
    await delivery.publish(changed(video, 3, renditions=(kept, gone, added)))
    await tell(delivery.database)
    assert await told(delivery.database) == []
    await delivery.publish(changed(video, 4, renditions=(kept, added)))
    await tell(delivery.database)
    [event] = await told(delivery.database)
    assert (event["account_id"], event["kind"], event["version"]) == (str(eve), "corrected", 4)
    assert event["rendition_ids"] == [str(gone.rendition_id)]
    # other bytes under the same id are another file
    await delivery.publish(changed(video, 5, renditions=(a_rendition(b"x", "kept.mp4", kept.rendition_id),)))
    await tell(delivery.database)
    assert (await told(delivery.database))[1]["account_id"] == str(ada)


async def test_a_withheld_video_recalls_nothing_until_it_is_clear_what_comes(delivery: Delivery) -> None:
    first, second = a_rendition(b"first"), a_rendition(b"second", "second.mp4")
    video = await delivery.publish(a_video(first, second))
    ada, eve = await delivery.account(), await delivery.account()
    await take(delivery, video, ada, 0)
    await take(delivery, video, eve, 1)
    await delivery.publish(changed(video, 2, "withheld", renditions=(first,)))
    await tell(delivery.database)
    assert await told(delivery.database) == []
    await delivery.publish(changed(video, 3))
    await tell(delivery.database)
    assert await told(delivery.database) == [], "it came back as it was"
    await delivery.publish(changed(video, 4, "withheld"))
    await delivery.publish(changed(video, 5, renditions=(first,)))
    await tell(delivery.database)
    assert [event["account_id"] for event in await told(delivery.database)] == [str(eve)]
    await delivery.publish(changed(video, 6, "withheld"))
    await delivery.publish(changed(video, 7, "withdrawn"))
    await tell(delivery.database)
    assert [event["kind"] for event in await told(delivery.database)] == ["corrected", *["withdrawn"] * 2]


async def test_a_file_that_the_last_release_listed_is_recalled_too(delivery: Delivery) -> None:
    video = await delivery.publish(a_video(a_rendition(b"a"), a_rendition(b"b", "b.mp4")))
    account = await delivery.account()
    await take(delivery, video, account)
    async with delivery.database.begin() as tx:
        await tx.sql.execute("UPDATE rendition SET listed = NULL")
    await delivery.publish(changed(video, 2, "withheld"))
    await delivery.publish(changed(video, 3, renditions=video.renditions[1:]))
    await tell(delivery.database)
    assert len(await told(delivery.database)) == 1


async def test_a_grant_that_was_revoked_was_taken_all_the_same(delivery: Delivery) -> None:
    video = await delivery.publish(a_video(a_rendition(b"a")))
    account = await delivery.account()
    grant_id = await take(delivery, video, account)
    async with delivery.client() as client:
        bearer = delivery.issuer.bearer(account)
        await client.delete(f"/v1/downloads/{grant_id}", headers=bearer)
    delivery.clock.pass_by(1)
    await take(delivery, video, account)
    await delivery.publish(changed(video, 2, "withdrawn"))
    await tell(delivery.database, grants=1)
    assert len(await told(delivery.database)) == 1


@pytest.mark.parametrize("is_collected", [False, True])
async def test_who_is_suspended_or_erased_is_told_nothing(delivery: Delivery, *, is_collected: bool) -> None:
    video = await delivery.publish(a_video(a_rendition(b"a")))
    active, suspended, erased = [await delivery.account() for _ in range(3)]
    for account in (active, suspended, erased):
        await take(delivery, video, account)
    await delivery.publish(changed(video, 2, "withdrawn"))
    if is_collected:
        async with delivery.database.begin() as tx:
            await tell_takers(tx, NOON, 10_000, 200)
    await delivery.account("suspended", suspended)
    await delivery.erase_account(erased)
    await tell(delivery.database)
    assert [event["account_id"] for event in await told(delivery.database)] == [str(active)]
    await delivery.erase_account(active)
    async with delivery.database.read() as sql:
        for table in ("recall_taker", "recall_notice"):
            rows = await sql.fetch(f"SELECT account_id FROM {table}")  # noqa: S608 (one of two names)
            assert {row["account_id"] for row in rows} == {suspended}


async def test_no_download_slips_between_the_recall_and_the_refusal(delivery: Delivery) -> None:
    """A redemption that is under way when the video is taken back commits before it, or is refused."""
    video, rendition = await delivery.publish_file(b"bytes")
    account = await delivery.account()
    grant = Grant(new_id(), account, video.video_id, rendition.rendition_id)
    async with delivery.database.begin() as tx:
        await store.save_grant(tx, grant, NOON)
    async with delivery.database.begin() as redeeming:
        assert await store.note_redemption(redeeming, grant.grant_id, NOON, 3600)
        held = await store.hold_rendition(redeeming, rendition.rendition_id)
        assert held is not None
        assert held.available
        withdrawing = asyncio.ensure_future(delivery.publish(changed(video, 2, "withdrawn")))

        async def waits() -> bool:
            async with delivery.database.read() as sql:
                return bool(
                    await sql.fetchval("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
                )

        await until(waits, "the withdrawal waits for the redemption")
    await withdrawing
    async with delivery.database.begin() as late:
        held = await store.hold_rendition(late, rendition.rendition_id)
    assert held is not None
    assert not held.available
    await tell(delivery.database)
    assert len(await told(delivery.database)) == 1


async def test_what_became_of_the_mails_is_kept(delivery: Delivery) -> None:
    video = await delivery.publish(a_video(a_rendition(b"a")))
    for _ in range(3):
        await take(delivery, video, await delivery.account())
    await delivery.publish(changed(video, 2, "withdrawn"))
    await tell(delivery.database)
    first, second, _ = await told(delivery.database)

    async with delivery.database.begin() as tx:
        for event, outcome in ((first, "delayed"), (first, "accepted"), (second, "bounced")):
            await on_notice_mailed(tx, mailed(event, outcome), received())
    async with delivery.database.read() as sql:
        rows = await sql.fetch("SELECT state FROM recall_notice")
    assert Counter(row["state"] for row in rows) == {"accepted": 1, "bounced": 1, "noticed": 1}


@pytest.mark.parametrize("point", ["recall.collected", "recall.noticed"])
async def test_none_is_missed_and_none_is_told_twice(databases: Databases, point: str) -> None:
    """Three thousand takers; processes that die in a first and a second batch, then two side by side."""
    async with databases.fresh("delivery") as postgres, Database.open(postgres) as database:
        video_id, rendition_id = new_id(), new_id()
        async with database.begin() as tx:
            for _ in range(3000):
                tx.write(
                    "INSERT INTO download_grant (grant_id, account_id, video_id, rendition_id, granted_at,"
                    " redeemed_at, video_version) VALUES ($1, $2, $3, $4, now(), now(), 1)",
                    *(new_id(), new_id(), video_id, rendition_id),
                )
        delivery = Delivery(database, None)  # type: ignore[arg-type]  # no file is looked at
        video = a_video(a_rendition(b"a", rendition_id=rendition_id), video_id=video_id)
        await delivery.publish(video)
        await delivery.publish(changed(video, 2, "withdrawn"))
        for number in (1, 2) if point == "recall.noticed" else (1,):
            async with delivery_timers(postgres, f"{point}:{number}") as doomed:
                assert await doomed.wait() == -signal.SIGKILL

        async def is_through() -> bool:
            async with database.read() as sql:
                return bool(await sql.fetchval("SELECT noticed_at IS NOT NULL FROM recall"))

        async with delivery_timers(postgres), delivery_timers(postgres):
            await until(is_through, "the recall", deadline=30)
        counted = Counter(event["account_id"] for event in await told(database))
        assert (len(counted), set(counted.values())) == (3000, {1})


async def test_two_recalls_go_one_after_the_other(delivery: Delivery) -> None:
    videos = [await delivery.publish(a_video(a_rendition(b"a"))) for _ in range(2)]
    account = await delivery.account()
    for video in videos:
        await take(delivery, video, account)
        await delivery.publish(changed(video, 2, "withdrawn"))
    async with delivery.database.begin() as tx:
        first = await recalls.lock_unfinished(tx)
        assert first is not None
        async with delivery.database.begin() as other:
            second = await recalls.lock_unfinished(other)
    assert second is not None
    assert first[0].video_id != second[0].video_id
    await tell(delivery.database)
    assert [event["video_id"] for event in await told(delivery.database)] == [
        str(video.video_id) for video in videos
    ]


async def test_the_press_office_sees_who_took_what_and_was_told(databases: Databases, tmp_path: Path) -> None:
    async with databases.fresh("delivery") as postgres, Database.open(postgres) as database:
        delivery, variables = Delivery(database, tmp_path), environment_of(postgres)
        assert await newsreel_delivery(variables, "recalls", "list") == (0, "", "")
        video = await delivery.publish(a_video(a_rendition(b"a"), a_rendition(b"b", "proxy.mp4")))
        ada, eve = await delivery.account(), await delivery.account()
        for account, number in ((ada, 0), (ada, 1), (eve, 1)):
            await take(delivery, video, account, number)
        await delivery.withdraw(video, "error", {"en": "A date is wrong.", "eo": "Dato malpravas."})
        code, output, _ = await newsreel_delivery(variables, "recalls", "list")
        assert (code, "who took it is looked for: nobody told yet" in output) == (0, True)
        await tell(database)
        [event, _] = await told(database)
        assert event["note"] == {"en": "A date is wrong."}, (
            "a language that our contract does not know is left out"
        )
        async with database.begin() as tx:
            await on_notice_mailed(tx, mailed(event, "accepted"), received())
        _, output, _ = await newsreel_delivery(variables, "recalls", "list", "--json")
        listed = json.loads(output)
        assert (listed["accounts"], listed["reason"]) == (2, "error")
        assert listed["states"] == {"accepted": 1, "noticed": 1}
        code, output, errors = await newsreel_delivery(variables, "recalls", "show", listed["recall_id"])
        assert "NR-0001 version 2 withdrawn (error): 2 files, 2 accounts, all were told" in errors
        assert [line.split()[0] for line in output.splitlines()] == [str(ada), str(ada), str(eve)]
        assert "proxy.mp4 of version 1 noticed" in output.splitlines()[2]
        assert (await newsreel_delivery(variables, "recalls", "show", str(new_id())))[0] == 1
