"""My downloads over HTTP: what is listed, how one goes on to the older ones, and what revoking ends."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from newsreel_events.catalog import RenditionV1, VideoStateV1
from newsreel_runtime.ids import new_id
from newsreel_testing.delivery_service import NOON, PORTAL, Delivery, a_rendition, a_video

GRANTED = "newsreel.delivery.download.granted.v1"
REDEEMED = "newsreel.delivery.download.redeemed.v1"
REVOKED = "newsreel.delivery.download.revoked.v1"
LIST = "/v1/downloads"


async def grant(client: httpx.AsyncClient, video: VideoStateV1, rendition: RenditionV1) -> str:
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    return str((await client.post("/v1/grants", json=wanted)).json()["grant_id"])


async def taken(delivery: Delivery, client: httpx.AsyncClient) -> tuple[VideoStateV1, RenditionV1, str]:
    """A published file, granted to an account whose token is on the client from now on."""
    video, rendition = await delivery.publish_file(b"bytes")
    client.headers.update(delivery.issuer.bearer(await delivery.account()))
    return video, rendition, await grant(client, video, rendition)


async def listed(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.get(LIST)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def test_what_was_granted_is_told_with_all_that_a_person_looks_for(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition, grant_id = await taken(delivery, client)
    delivery.clock.pass_by(60)
    await client.get(f"/download/{grant_id}")
    assert (await client.get(LIST)).json() == {
        "items": [
            {
                "grant_id": grant_id,
                "ticket": f"{PORTAL}/download/{grant_id}",
                "state": "live",
                "video_id": str(video.video_id),
                "titles": {"en": "Press conference"},
                "video_version": 1,
                "newest_version": 1,
                "rendition": {
                    "file": "presser.mp4",
                    "size_bytes": 5,
                    "sha256": rendition.sha256,
                    "media_type": "video/mp4",
                    "etag": f'"{rendition.sha256}"',
                },
                "granted_at": "2026-11-24T12:00:00Z",
                "redeemed_at": "2026-11-24T12:01:00Z",
                "revoked_at": None,
                "bearer_tickets": [],
            }
        ],
        "next_cursor": None,
    }


async def test_nothing_granted_is_an_empty_list(delivery: Delivery, client: httpx.AsyncClient) -> None:
    await taken(delivery, client)
    client.headers.update(delivery.issuer.bearer(await delivery.account()))
    assert (await client.get(LIST)).json() == {"items": [], "next_cursor": None}


async def test_pages_go_from_new_to_old_and_skip_and_repeat_nothing(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    files = [a_rendition(bytes([number])) for number in range(7)]
    video = await delivery.publish(a_video(*files))
    client.headers.update(delivery.issuer.bearer(await delivery.account()))
    made = [await grant(client, video, file) for file in files]
    await client.delete(f"{LIST}/{made[3]}")  # a revoked one keeps its place
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get(LIST, params={"limit": "3"} | cursor)).json()
        seen += [item["grant_id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
        newer = a_rendition(b"newer")
        await grant(client, await delivery.publish(a_video(newer)), newer)  # while somebody is turning pages
    assert seen == made[::-1]
    last = (await client.get(LIST, params={"limit": "3", "cursor": made[3]})).json()
    assert (len(last["items"]), last["next_cursor"]) == (3, None), "no empty page follows a full last one"


@pytest.mark.parametrize("wrong", [{"limit": "0"}, {"limit": "101"}, {"cursor": "x"}, {"cursor": "\0"}])
async def test_a_page_that_is_none_is_a_problem(
    delivery: Delivery, client: httpx.AsyncClient, wrong: dict[str, str]
) -> None:
    await taken(delivery, client)
    assert code(await client.get(LIST, params=wrong)) == (422, "invalid-input")


async def test_of_others_nothing_is_listed_and_nothing_revoked(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    _, _, theirs = await taken(delivery, client)
    owner = dict(client.headers)
    client.headers.update(delivery.issuer.bearer(await delivery.account()))
    assert await listed(client) == []
    assert (await client.get(LIST, params={"cursor": str(new_id())})).json()["items"] == []
    answers = [await client.delete(f"{LIST}/{grant_id}") for grant_id in (theirs, new_id())]
    assert [code(answer) for answer in answers] == [(404, "grant-unknown")] * 2
    assert answers[0].json() == answers[1].json()
    assert (await client.get(f"/download/{theirs}", headers=owner)).status_code == 307
    assert await delivery.emitted() == [GRANTED, REDEEMED]


async def test_revoking_ends_the_ticket_and_its_signed_urls_at_once(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    _, _, grant_id = await taken(delivery, client)
    signed = (await client.get(f"/download/{grant_id}")).headers["location"]
    parts = urlsplit(signed)
    delivery.clock.pass_by(5)
    revoked = await client.delete(f"{LIST}/{grant_id}")
    assert (revoked.status_code, revoked.content) == (204, b"")
    for path in (f"/download/{grant_id}", f"/v1/grants/{grant_id}/file", f"{parts.path}?{parts.query}"):
        answer = await client.get(path)
        assert code(answer) == (410, "grant-revoked")
        assert "Ask for the rendition again" in answer.json()["detail"]
        assert not {"x-accel-redirect", "location"} & answer.headers.keys()
    assert (await client.head(f"/download/{grant_id}")).status_code == 410
    page = await client.get(f"{parts.path}?{parts.query}", headers={"Accept": "text/html"})
    assert (page.status_code, "was revoked" in page.text, PORTAL in page.text) == (410, True, True)
    [item] = await listed(client)
    assert (item["state"], item["revoked_at"]) == ("revoked", "2026-11-24T12:00:05Z")
    assert item["redeemed_at"] == "2026-11-24T12:00:00Z"


async def test_revoking_twice_or_at_the_same_time_is_revoking_once(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    _, _, grant_id = await taken(delivery, client)
    answers = await asyncio.gather(*(client.delete(f"{LIST}/{grant_id}") for _ in range(8)))
    delivery.clock.pass_by(60)
    answers.append(await client.delete(f"{LIST}/{grant_id}"))
    assert {answer.status_code for answer in answers} == {204}
    assert await delivery.emitted() == [GRANTED, REVOKED]
    assert (await listed(client))[0]["revoked_at"] == "2026-11-24T12:00:00Z"


async def test_the_event_says_whose_grant_it_was_and_why(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition, grant_id = await taken(delivery, client)
    await client.delete(f"{LIST}/{grant_id}")
    async with delivery.database.read() as sql:
        row = await sql.fetchrow("SELECT key, payload FROM outbox WHERE type = $1", REVOKED)
    assert row is not None
    said = json.loads(row["payload"])
    del said["account_id"]
    assert row["key"] == grant_id
    assert said == {
        "grant_id": grant_id,
        "video_id": str(video.video_id),
        "rendition_id": str(rendition.rendition_id),
        "reason": "by-account",
        "occurred_at": "2026-11-24T12:00:00Z",
    }


async def test_asking_again_after_revoking_makes_a_new_grant_and_leaves_the_old_one_dead(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition, old = await taken(delivery, client)
    await client.delete(f"{LIST}/{old}")
    new = await grant(client, video, rendition)
    assert new != old
    assert (await client.get(f"/download/{new}")).status_code == 307
    assert (await client.get(f"/download/{old}")).status_code == 410
    assert [(item["grant_id"], item["state"]) for item in await listed(client)] == [
        (new, "live"),
        (old, "revoked"),
    ]


async def test_asking_and_revoking_at_the_same_time_leave_one_answer_each(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition, grant_id = await taken(delivery, client)
    for _ in range(10):
        again, revoked = await asyncio.gather(
            grant(client, video, rendition), client.delete(f"{LIST}/{grant_id}")
        )
        assert revoked.status_code == 204
        expected = 410 if again == grant_id else 307
        assert (await client.get(f"/download/{again}")).status_code == expected
        grant_id = await grant(client, video, rendition)


async def test_what_the_catalogue_took_back_is_said(delivery: Delivery, client: httpx.AsyncClient) -> None:
    video, rendition, grant_id = await taken(delivery, client)
    other = a_rendition(b"new")
    await delivery.publish(a_video(other, video_id=video.video_id, version=2))
    [item] = await listed(client)
    assert (item["state"], item["video_version"], item["newest_version"]) == ("replaced", 1, 2)
    withheld = a_video(rendition, video_id=video.video_id, version=3).model_copy(
        update={"status": "withheld"}
    )
    await delivery.publish(withheld)
    assert (await listed(client))[0]["state"] == "withheld"
    await delivery.publish(withheld.model_copy(update={"status": "withdrawn", "version": 4}))
    assert (await listed(client))[0]["state"] == "withdrawn"
    await client.delete(f"{LIST}/{grant_id}")
    [item] = await listed(client)
    assert (item["state"], item["revoked_at"] is None) == ("withdrawn", False)
    await delivery.erase_video(video.video_id)
    [item] = await listed(client)
    assert (item["state"], item["titles"], item["rendition"], item["newest_version"]) == (
        "withdrawn",
        {},
        None,
        None,
    )


async def test_the_version_is_the_one_that_was_taken_last(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    """Following the ticket to another version counts at once: whoever recalls it has to know."""
    video, _, grant_id = await taken(delivery, client)
    await client.get(f"/download/{grant_id}")
    await delivery.publish(video.model_copy(update={"version": 2, "titles": {"en": "Press briefing"}}))
    [item] = await listed(client)
    assert (item["titles"], item["video_version"]) == ({"en": "Press briefing"}, 1)
    for _ in range(2):
        await client.get(f"/download/{grant_id}")
    assert (await listed(client))[0]["video_version"] == 2
    assert await delivery.emitted() == [GRANTED, REDEEMED, REDEEMED]


async def test_a_video_that_was_published_before_titles_were_kept_has_none(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    await taken(delivery, client)
    async with delivery.database.begin() as tx:
        await tx.sql.execute("UPDATE video SET titles = NULL")
        await tx.sql.execute("UPDATE download_grant SET video_version = NULL")
    [item] = await listed(client)
    assert (item["titles"], item["video_version"], item["state"]) == ({}, None, "live")


async def test_who_may_not_act_neither_lists_nor_revokes(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    account = await delivery.account()
    client.headers.update(delivery.issuer.bearer(account))
    grant_id = await grant(client, video, rendition)
    await delivery.account("active", account, ended=NOON + timedelta(seconds=1))
    assert code(await client.get(LIST)) == (401, "session-ended")
    assert code(await client.delete(f"{LIST}/{grant_id}")) == (401, "session-ended")
    await delivery.account("suspended", account)
    client.headers.update(delivery.issuer.bearer(account, NOON + timedelta(hours=1)))
    assert code(await client.get(LIST)) == (403, "account-not-active")
    assert code(await client.delete(f"{LIST}/{grant_id}")) == (403, "account-not-active")
    del client.headers["Authorization"]
    assert code(await client.get(LIST)) == (401, "token-refused")
    assert await delivery.emitted() == [GRANTED]


async def test_an_account_that_is_erased_leaves_nothing_not_even_what_it_revoked(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    account: UUID = await delivery.account()
    client.headers.update(delivery.issuer.bearer(account))
    await client.delete(f"{LIST}/{await grant(client, video, rendition)}")
    await grant(client, video, rendition)
    await delivery.erase_account(account)
    async with delivery.database.read() as sql:
        for table in ("download_grant", "revoked_grant"):
            assert await sql.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608 (names of ours)
