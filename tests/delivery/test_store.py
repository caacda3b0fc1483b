"""The copies of accounts and videos: the last record of a key wins, whatever its time says."""

from datetime import timedelta
from uuid import UUID

from delivery import store
from newsreel_runtime.ids import new_id
from newsreel_testing.delivery_service import NOON, Delivery, a_rendition, a_video


async def test_an_account_is_unknown_until_identity_speaks(delivery: Delivery) -> None:
    async with delivery.database.read() as sql:
        assert await store.find_account(sql, new_id()) is None


async def test_the_last_account_state_wins_and_cannot_revive_sessions(delivery: Delivery) -> None:
    """Trial C10: the clock of identity that wrote the later state was 15 s behind."""
    account = await delivery.account("unverified", ended=NOON)
    await delivery.account("active", account, ended=NOON - timedelta(seconds=15))
    async with delivery.database.read() as sql:
        known = await store.find_account(sql, account)
    assert known is not None
    assert (known.status, known.sessions_valid_after) == ("active", NOON)


async def test_of_an_erased_account_nothing_is_left_but_that_it_is_gone(delivery: Delivery) -> None:
    """Review D4: a tombstone says that its key is to be forgotten."""
    account = await delivery.account("active")
    video, rendition = await delivery.publish_file(b"bytes")
    async with delivery.client() as client:
        wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
        bearer = delivery.issuer.bearer(account)
        granted = await client.post("/v1/grants", json=wanted, headers=bearer)
        assert granted.status_code == 201
        await delivery.erase_account(account)
        assert (await client.post("/v1/grants", json=wanted, headers=bearer)).status_code == 401
    async with delivery.database.read() as sql:
        left = await store.find_account(sql, account)
        assert left is not None
        assert (left.status, left.roles) == ("deleted", ())
        assert await store.find_grant(sql, UUID(granted.json()["grant_id"])) is None


async def test_an_erased_video_has_no_file(delivery: Delivery) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    await delivery.erase_video(video.video_id)
    async with delivery.database.read() as sql:
        assert await store.find_rendition(sql, rendition.rendition_id) is None
        assert await store.find_poster(sql, video.video_id) is None
    await delivery.publish(video)
    assert await _available(delivery, rendition.rendition_id), "it may be published again"


async def test_the_same_account_state_twice_is_once(delivery: Delivery) -> None:
    account = await delivery.account("active")
    await delivery.account("active", account)
    async with delivery.database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM account") == 1


async def test_a_rendition_that_is_missing_in_the_new_state_is_not_available(delivery: Delivery) -> None:
    kept, gone = a_rendition(b"kept"), a_rendition(b"gone")
    video = await delivery.publish(a_video(kept, gone))
    await delivery.publish(a_video(kept, video_id=video.video_id, version=2))
    assert await _available(delivery, kept.rendition_id)
    assert not await _available(delivery, gone.rendition_id)
    await delivery.publish(a_video(kept, gone, video_id=video.video_id, version=3))
    assert await _available(delivery, gone.rendition_id)


async def test_an_older_video_state_changes_nothing(delivery: Delivery) -> None:
    one, two = a_rendition(b"1"), a_rendition(b"2")
    video = await delivery.publish(a_video(two, version=2))
    await delivery.publish(a_video(one, video_id=video.video_id, version=1))
    assert await _available(delivery, two.rendition_id)
    async with delivery.database.read() as connection:
        assert await store.find_rendition(connection, one.rendition_id) is None


async def test_a_revised_file_replaces_its_checksum(delivery: Delivery) -> None:
    first = a_rendition(b"first")
    video = await delivery.publish(a_video(first))
    second = a_rendition(b"second", rendition_id=first.rendition_id)
    await delivery.publish(a_video(second, video_id=video.video_id, version=2))
    async with delivery.database.read() as connection:
        known = await store.find_rendition(connection, first.rendition_id)
    assert known is not None
    assert (known.sha256, known.size_bytes) == (second.sha256, 6)


async def test_a_video_without_renditions_takes_all_of_them_back(delivery: Delivery) -> None:
    one = a_rendition(b"1")
    video = await delivery.publish(a_video(one))
    await delivery.publish(a_video(video_id=video.video_id, version=2))
    assert not await _available(delivery, one.rendition_id)


async def _available(delivery: Delivery, rendition_id: object) -> bool:
    async with delivery.database.read() as connection:
        return bool(
            await connection.fetchval("SELECT available FROM rendition WHERE rendition_id = $1", rendition_id)
        )
