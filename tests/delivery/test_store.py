"""The copies of accounts and videos: the newest state wins, whatever comes again or late."""

from datetime import timedelta

import pytest

from delivery import store
from newsreel_runtime.ids import new_id
from newsreel_testing.delivery_service import NOON, Delivery, a_rendition, a_video

LATER = NOON + timedelta(seconds=5)


async def test_an_account_is_unknown_until_identity_speaks(delivery: Delivery) -> None:
    async with delivery.database.begin() as tx:
        assert await store.find_account(tx, new_id()) is None


async def test_an_older_account_state_changes_nothing_but_cannot_revive_sessions(delivery: Delivery) -> None:
    account = await delivery.account("suspended", ended=NOON, at=LATER)
    await delivery.account("active", account, ended=NOON - timedelta(days=1), at=NOON)
    async with delivery.database.begin() as tx:
        known = await store.find_account(tx, account)
    assert known is not None
    assert (known.status, known.sessions_valid_after) == ("suspended", NOON)


async def test_a_late_state_that_ended_sessions_still_ends_them(delivery: Delivery) -> None:
    account = await delivery.account("active", ended=NOON - timedelta(days=1), at=LATER)
    await delivery.account("active", account, ended=NOON, at=NOON)
    async with delivery.database.begin() as tx:
        known = await store.find_account(tx, account)
    assert known is not None
    assert known.sessions_valid_after == NOON


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


@pytest.mark.parametrize("file", ["../escape.mp4", "a/b.mp4", "..", "a\nb.mp4"])
async def test_a_file_name_that_leaves_its_folder_is_not_taken_over(delivery: Delivery, file: str) -> None:
    video = a_video(a_rendition(b"x", file))
    with pytest.raises(ValueError, match="out of its folder"):
        await delivery.publish(video)
    async with delivery.database.read() as connection:
        assert not await store.is_published(connection, video.video_id)


async def _available(delivery: Delivery, rendition_id: object) -> bool:
    async with delivery.database.read() as connection:
        return bool(
            await connection.fetchval("SELECT available FROM rendition WHERE rendition_id = $1", rendition_id)
        )
