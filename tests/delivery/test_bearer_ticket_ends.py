"""Bearer tickets over HTTP: what ends one, what is said of it then, and when it is forgotten."""

import asyncio
import json
from datetime import datetime, timedelta

import httpx
import pytest

from delivery.inbound_timer import create_timers
from newsreel_testing.bearer_tickets import code, granted, listed, make, path_of
from newsreel_testing.delivery_service import NOON, PORTAL, WEEK, Delivery, a_rendition, a_video
from newsreel_testing.wait_until import until

GRANTED = "newsreel.delivery.download.granted.v1"
REDEEMED = "newsreel.delivery.download.redeemed.v1"
REFUSED = "newsreel.delivery.download.refused.v1"
JSON = {"Accept": "application/json"}


async def test_expired_is_told_how_to_go_on(delivery: Delivery, client: httpx.AsyncClient) -> None:
    of = await granted(delivery, client)
    path = path_of(await make(client, of))
    delivery.clock.pass_by(WEEK)
    for headers in ({}, JSON, {"Range": "bytes=3-", "If-Range": f'"{of.rendition.sha256}"'}):
        answer = await client.get(path, headers=headers)
        assert code(answer) == (410, "ticket-expired")
        assert answer.json()["ticket"] == f"{PORTAL}/download/{of.grant}"
        assert "Make a new link" in answer.json()["detail"]
    page = await client.get(path, headers={"Accept": "text/html,*/*"})
    assert (page.status_code, f"{PORTAL}/download/{of.grant}" in page.text) == (410, True)
    assert path.split("/")[2] not in page.text
    assert (await client.head(path)).status_code == 410
    assert await listed(client, of) == []
    assert await delivery.emitted() == [GRANTED, REFUSED]


async def test_one_is_revoked_and_the_others_stay(delivery: Delivery, client: httpx.AsyncClient) -> None:
    of = await granted(delivery, client)
    first, second = await make(client, of), await make(client, of)
    await client.get(path_of(second))
    shown = await listed(client, of)
    assert [one["ticket_id"] for one in shown] == [first.json()["ticket_id"], second.json()["ticket_id"]]
    assert [one["used_at"] for one in shown] == [None, "2026-11-24T12:00:00Z"]
    for _ in range(2):
        revoked = await client.delete(f"{of.tickets}/{first.json()['ticket_id']}", headers=of.owner)
        assert revoked.status_code == 204
    refused = await client.get(path_of(first))
    assert code(refused) == (410, "ticket-revoked")
    assert refused.json()["ticket"] == f"{PORTAL}/download/{of.grant}"
    assert (await client.get(path_of(second))).status_code == 200
    assert (await client.get(f"/download/{of.grant}", headers=of.owner)).status_code == 307
    assert [one["ticket_id"] for one in await listed(client, of)] == [second.json()["ticket_id"]]
    assert await delivery.emitted() == [GRANTED, REDEEMED, REFUSED]
    async with delivery.database.read() as sql:
        rows = await sql.fetch("SELECT kind, reason FROM audit_waiting ORDER BY seq")
    assert [(row["kind"], row["reason"]) for row in rows] == [
        ("granted", None),
        ("ticket-made", None),
        ("ticket-made", None),
        ("redeemed", "bearer-ticket"),
        ("ticket-revoked", None),
        ("refused", "revoked"),
    ]


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        ("revoke the grant", (410, "grant-revoked")),
        ("suspend", (403, "account-not-active")),
        ("sign out everywhere", (410, "ticket-expired")),
        ("erase the account", (403, "ticket-refused")),
        ("withdraw", (404, "rendition-unknown")),
        ("erase the video", (404, "rendition-unknown")),
    ],
)
async def test_it_ends_with_what_it_hangs_on(
    delivery: Delivery, client: httpx.AsyncClient, ending: str, expected: tuple[int, str]
) -> None:
    of = await granted(delivery, client)
    path = path_of(await make(client, of))
    assert (await client.get(path, headers={"Range": "bytes=0-1"})).status_code == 200
    match ending:
        case "revoke the grant":
            await client.delete(f"/v1/downloads/{of.grant}", headers=of.owner)
        case "suspend":
            await delivery.account("suspended", of.account)
        case "sign out everywhere":
            await delivery.account("active", of.account, ended=NOON)
        case "erase the account":
            await delivery.erase_account(of.account)
        case "withdraw":
            await delivery.publish(a_video(a_rendition(b"new"), video_id=of.video, version=2))
        case _:
            await delivery.erase_video(of.video)
    for method in ("HEAD", "GET"):
        answer = await client.request(method, path, headers={"Range": "bytes=2-"})
        assert answer.status_code == expected[0]
        assert not {"x-accel-redirect", "etag", "repr-digest"} & answer.headers.keys()
    assert code(answer) == expected


async def test_one_that_was_made_after_its_session_ended_ends_too_when_the_news_arrives(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    """A thief's session makes a ticket in the moment before delivery hears that it is over."""
    of = await granted(delivery, client)
    delivery.clock.pass_by(5)
    path = path_of(await make(client, of))
    await delivery.account("active", of.account, ended=NOON + timedelta(seconds=3))
    assert code(await client.get(path)) == (410, "ticket-expired")
    of.owner = delivery.issuer.bearer(of.account, NOON + timedelta(seconds=4))
    assert (await client.get(path_of(await make(client, of)))).status_code == 200


async def test_nothing_is_made_for_who_may_not_take(delivery: Delivery, client: httpx.AsyncClient) -> None:
    of, revoked, withdrawn = [await granted(delivery, client) for _ in range(3)]
    await client.delete(f"/v1/downloads/{revoked.grant}", headers=revoked.owner)
    assert code(await make(client, revoked)) == (410, "grant-revoked")
    await delivery.publish(a_video(a_rendition(b"new"), video_id=withdrawn.video, version=2))
    assert code(await make(client, withdrawn)) == (404, "rendition-unknown")
    await delivery.account("active", of.account, ended=NOON)
    assert code(await make(client, of)) == (401, "session-ended")
    await delivery.account("suspended", of.account)
    of.owner = delivery.issuer.bearer(of.account, NOON + timedelta(hours=1))
    assert code(await make(client, of)) == (403, "account-not-active")


async def test_making_and_revoking_the_grant_at_the_same_time_leave_no_live_one(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    for _ in range(10):
        of = await granted(delivery, client)
        revoking = client.delete(f"/v1/downloads/{of.grant}", headers=of.owner)
        made, revoked = await asyncio.gather(make(client, of), revoking)
        assert revoked.status_code == 204
        if made.status_code == 201:
            assert code(await client.get(path_of(made))) == (410, "grant-revoked")
        else:
            assert code(made) == (410, "grant-revoked")


async def test_refusals_are_told_once_an_hour_and_looking_is_not(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    of = await granted(delivery, client)
    path = path_of(await make(client, of))
    delivery.clock.pass_by(WEEK)
    await client.head(path)
    assert await delivery.emitted() == [GRANTED]
    await asyncio.gather(*(client.get(path) for _ in range(16)))
    async with delivery.database.read() as sql:
        rows = await sql.fetch("SELECT payload FROM outbox WHERE type = $1", REFUSED)
    assert [json.loads(row["payload"])["reason"] for row in rows] == ["expired"]


async def test_one_that_is_over_for_a_month_is_forgotten_and_then_like_one_that_never_was(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    of = await granted(delivery, client)
    old, young = path_of(await make(client, of)), path_of(await make(client, of))
    async with delivery.database.begin() as tx:
        ended = "UPDATE bearer_ticket SET expires_at = now() - $1::interval WHERE ticket_id = $2"
        tickets = [one["ticket_id"] for one in await listed(client, of)]
        await tx.sql.execute(ended, timedelta(days=30, seconds=5), tickets[0])
        await tx.sql.execute(ended, timedelta(days=29), tickets[1])
    delivery.clock.at = datetime.now(NOON.tzinfo)
    stopping = asyncio.Event()
    running = [asyncio.ensure_future(timer(stopping)) for timer in create_timers(delivery.database)]

    async def is_forgotten() -> bool:
        return (await client.head(old)).status_code == 403

    await until(is_forgotten, "the old ticket's end")
    stopping.set()
    await asyncio.gather(*running)
    assert code(await client.get(young)) == (410, "ticket-expired")
