"""Grants and tickets over HTTP: who gets what, and what the bus hears of it."""

import asyncio
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from delivery.inbound_kafka import on_account_erased
from delivery.inbound_timer import create_timers
from newsreel_runtime.ids import new_id
from newsreel_testing.delivery_service import MEDIA, NOON, PORTAL, Delivery, a_rendition, a_video
from newsreel_testing.wait_until import until

GRANTED = "newsreel.delivery.download.granted.v1"
REDEEMED = "newsreel.delivery.download.redeemed.v1"
PROBLEM = "application/problem+json"


async def ask(
    client: httpx.AsyncClient, bearer: dict[str, str], video_id: UUID, rendition_id: UUID
) -> httpx.Response:
    wanted = {"video_id": str(video_id), "rendition_id": str(rendition_id)}
    return await client.post("/v1/grants", json=wanted, headers=bearer)


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert answer.json()["type"] == f"urn:newsreel:problem:{code}"


async def test_asking_twice_is_asking_once(delivery: Delivery, client: httpx.AsyncClient) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    bearer = delivery.issuer.bearer(await delivery.account())
    first = await ask(client, bearer, video.video_id, rendition.rendition_id)
    second = await ask(client, bearer, video.video_id, rendition.rendition_id)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    grant_id = first.json()["grant_id"]
    assert first.json() == {
        "grant_id": grant_id,
        "ticket": f"{PORTAL}/download/{grant_id}",
        "rendition": {
            "file": "presser.mp4",
            "size_bytes": 5,
            "sha256": rendition.sha256,
            "media_type": "video/mp4",
            "etag": f'"{rendition.sha256}"',
        },
    }
    assert await delivery.emitted() == [GRANTED]


async def test_asking_at_the_same_time_is_asking_once(delivery: Delivery, client: httpx.AsyncClient) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    bearer = delivery.issuer.bearer(await delivery.account())
    answers = await asyncio.gather(
        *(ask(client, bearer, video.video_id, rendition.rendition_id) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["grant_id"] for answer in answers}) == 1
    assert await delivery.emitted() == [GRANTED]


async def test_a_ticket_leads_to_a_fresh_signed_url_each_time(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    bearer = delivery.issuer.bearer(await delivery.account())
    grant = (await ask(client, bearer, video.video_id, rendition.rendition_id)).json()["grant_id"]
    tried = await client.head(f"/download/{grant}", headers=bearer)
    first = await client.get(f"/download/{grant}", headers=bearer)
    delivery.clock.pass_by(1)
    second = await client.get(f"/download/{grant}", headers=bearer)
    for answer in (tried, first, second):
        assert answer.status_code == 307
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["location"].startswith(f"{MEDIA}/r/{rendition.rendition_id}/presser.mp4?e=")
    assert first.headers["location"] != second.headers["location"]
    assert await delivery.emitted() == [GRANTED, REDEEMED]


async def test_a_download_by_sixteen_connections_is_one_event(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    """Trial B20: an event for each exchange cannot be counted. Another hour is another one."""
    video, rendition = await delivery.publish_file(b"bytes")
    bearer = delivery.issuer.bearer(await delivery.account())
    grant = (await ask(client, bearer, video.video_id, rendition.rendition_id)).json()["grant_id"]
    for expected in ([GRANTED, REDEEMED], [GRANTED, REDEEMED, REDEEMED]):
        answers = await asyncio.gather(*(client.get(f"/download/{grant}", headers=bearer) for _ in range(16)))
        assert {answer.status_code for answer in answers} == {307}
        assert await delivery.emitted() == expected
        delivery.clock.pass_by(3600)


async def test_somebody_elses_grant_looks_like_none(delivery: Delivery, client: httpx.AsyncClient) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    owner = delivery.issuer.bearer(await delivery.account())
    other = delivery.issuer.bearer(await delivery.account())
    grant = (await ask(client, owner, video.video_id, rendition.rendition_id)).json()["grant_id"]
    theirs = await client.get(f"/download/{grant}", headers=other)
    nobodys = await client.get(f"/download/{new_id()}", headers=other)
    refused(theirs, 404, "grant-unknown")
    assert theirs.json() == nobodys.json()
    assert await delivery.emitted() == [GRANTED]


async def test_without_a_token_nothing_is_given(delivery: Delivery, client: httpx.AsyncClient) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    for headers in ({}, {"Authorization": "Bearer forged"}, {"Authorization": "Basic YTpi"}):
        refused(await ask(client, headers, video.video_id, rendition.rendition_id), 401, "token-refused")
        refused(await client.get(f"/download/{new_id()}", headers=headers), 401, "token-refused")


async def test_ended_sessions_get_nothing_and_newer_ones_do(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    account = await delivery.account()
    bearer = delivery.issuer.bearer(account, NOON)
    grant = (await ask(client, bearer, video.video_id, rendition.rendition_id)).json()["grant_id"]
    await delivery.account("active", account, ended=NOON)
    refused(await client.get(f"/download/{grant}", headers=bearer), 401, "session-ended")
    refused(await ask(client, bearer, video.video_id, rendition.rendition_id), 401, "session-ended")
    fresh = delivery.issuer.bearer(account, NOON + timedelta(milliseconds=1))
    assert (await client.get(f"/download/{grant}", headers=fresh)).status_code == 307


@pytest.mark.parametrize("status", ["suspended", "deleted"])
async def test_an_account_that_is_not_active_gets_nothing(
    delivery: Delivery, client: httpx.AsyncClient, status: str
) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    account = await delivery.account()
    bearer = delivery.issuer.bearer(account)
    grant = (await ask(client, bearer, video.video_id, rendition.rendition_id)).json()["grant_id"]
    await delivery.account(status, account)
    refused(await client.get(f"/download/{grant}", headers=bearer), 403, "account-not-active")
    refused(await ask(client, bearer, video.video_id, rendition.rendition_id), 403, "account-not-active")


@pytest.mark.parametrize("heard", [(), ("unverified",), ("unverified", "active")])
async def test_a_token_is_enough_while_the_news_of_its_account_is_on_its_way(
    delivery: Delivery, client: httpx.AsyncClient, heard: tuple[str, ...]
) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    account = new_id()
    for status in heard:
        await delivery.account(status, account)
    bearer = delivery.issuer.bearer(account)
    asked = await ask(client, bearer, video.video_id, rendition.rendition_id)
    assert asked.status_code == 201
    assert (await client.get(f"/download/{asked.json()['grant_id']}", headers=bearer)).status_code == 307


async def test_an_account_that_was_erased_gets_nothing_while_a_token_of_it_may_live(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    account = await delivery.account()
    bearer = delivery.issuer.bearer(account)
    grant = (await ask(client, bearer, video.video_id, rendition.rendition_id)).json()["grant_id"]
    for erased in (account, new_id()):  # also one that was never heard of
        async with delivery.database.begin() as tx:
            await on_account_erased(tx, str(erased))
        gone = delivery.issuer.bearer(erased)
        refused(await ask(client, gone, video.video_id, rendition.rendition_id), 401, "session-ended")
    assert (await client.get(f"/download/{grant}", headers=bearer)).status_code == 401
    async with delivery.database.read() as sql:
        assert await sql.fetchval("SELECT count(*) FROM download_grant") == 0


async def test_what_is_gone_is_forgotten_after_a_while(delivery: Delivery) -> None:
    old, young, active = new_id(), new_id(), await delivery.account()
    async with delivery.database.begin() as tx:
        await on_account_erased(tx, str(old))
        await on_account_erased(tx, str(young))
        await tx.sql.execute("UPDATE account SET changed_at = now() - interval '11 minutes'")
        await tx.sql.execute("UPDATE account SET changed_at = now() WHERE account_id = $1", young)
    forget, *_ = create_timers(delivery.database)
    stopping = asyncio.Event()
    task = asyncio.ensure_future(forget(stopping))

    async def known() -> set[UUID]:
        async with delivery.database.read() as sql:
            rows = await sql.fetch("SELECT account_id FROM account")
        return {UUID(int=row["account_id"].int) for row in rows}

    async def is_forgotten() -> bool:
        return old not in await known()

    await until(is_forgotten, "the old account's end")
    stopping.set()
    await task
    assert await known() == {young, active}


async def test_only_renditions_of_the_video_are_granted(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    other, _ = await delivery.publish_file(b"other")
    bearer = delivery.issuer.bearer(await delivery.account())
    refused(await ask(client, bearer, other.video_id, rendition.rendition_id), 404, "rendition-unknown")
    refused(await ask(client, bearer, video.video_id, new_id()), 404, "rendition-unknown")
    assert await delivery.emitted() == []


async def test_a_rendition_that_was_taken_back_is_neither_granted_nor_redeemed(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    bearer = delivery.issuer.bearer(await delivery.account())
    grant = (await ask(client, bearer, video.video_id, rendition.rendition_id)).json()["grant_id"]
    await delivery.publish(a_video(a_rendition(b"new"), video_id=video.video_id, version=2))
    refused(await ask(client, bearer, video.video_id, rendition.rendition_id), 404, "rendition-unknown")
    refused(await client.get(f"/download/{grant}", headers=bearer), 404, "rendition-unknown")


async def test_a_withheld_video_gives_nothing_until_it_is_released_and_a_withdrawn_one_never(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    """The ticket and the signed URL that was given out before stay the same over all of it."""
    video, rendition = await delivery.publish_file(b"bytes")
    client.headers.update(delivery.issuer.bearer(await delivery.account()))
    ticket = f"/download/{(await ask(client, {}, video.video_id, rendition.rendition_id)).json()['grant_id']}"
    signed = urlsplit((await client.get(ticket)).headers["location"])

    async def answers() -> list[httpx.Response]:
        asked = await ask(client, {}, video.video_id, rendition.rendition_id)
        return [asked, await client.get(ticket), await client.get(f"{signed.path}?{signed.query}")]

    await delivery.publish(video.model_copy(update={"status": "withheld", "version": 2}))
    for answer in await answers():
        refused(answer, 403, "video-withheld")
    await delivery.publish(video.model_copy(update={"version": 3}))
    assert [answer.status_code for answer in await answers()] == [200, 307, 200]
    await delivery.publish(video.model_copy(update={"status": "withdrawn", "version": 4}))
    for answer in await answers():
        refused(answer, 410, "video-withdrawn")


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"null", b"[]", b"{}", b'{"video_id": "\\u0000", "rendition_id": 1}'],
)
async def test_a_bad_body_is_a_problem(delivery: Delivery, client: httpx.AsyncClient, body: bytes) -> None:
    headers = delivery.issuer.bearer(await delivery.account()) | {"Content-Type": "application/json"}
    answer = await client.post("/v1/grants", content=body, headers=headers)
    refused(answer, 422, "invalid-input")


async def test_a_body_that_is_not_text_or_too_long_is_a_problem(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    headers = delivery.issuer.bearer(await delivery.account()) | {"Content-Type": "application/json"}
    refused(await client.post("/v1/grants", content=b'"\xff"', headers=headers), 400, "bad-request")
    long = await client.post("/v1/grants", content=b" " * 70_000, headers=headers)
    refused(long, 413, "body-too-large")
