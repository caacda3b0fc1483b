"""What the bus hears of a download that was refused: why, for an audit, and not each try of a client."""

import asyncio
import json
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest

from newsreel_testing.delivery_service import NOON, Delivery, a_rendition, a_video

REFUSED = "newsreel.delivery.download.refused.v1"


async def granted(delivery: Delivery, client: httpx.AsyncClient) -> tuple[UUID, str, str]:
    """An account, its ticket and a signed URL, the account's token on the client from now on."""
    video, rendition = await delivery.publish_file(b"bytes")
    account = await delivery.account()
    client.headers.update(delivery.issuer.bearer(account))
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    ticket = f"/download/{(await client.post('/v1/grants', json=wanted)).json()['grant_id']}"
    signed = urlsplit((await client.get(ticket)).headers["location"])
    return account, ticket, f"{signed.path}?{signed.query}"


async def refusals(delivery: Delivery) -> list[str]:
    """The reasons that were said, oldest first."""
    async with delivery.database.read() as sql:
        rows = await sql.fetch("SELECT payload FROM outbox WHERE type = $1 ORDER BY seq", REFUSED)
    return [json.loads(row["payload"])["reason"] for row in rows]


async def withdraw(delivery: Delivery, client: httpx.AsyncClient, status: str = "usable") -> None:
    [item] = (await client.get("/v1/downloads")).json()["items"]
    video = a_video(a_rendition(b"new"), video_id=UUID(item["video_id"]), version=2)
    await delivery.publish(video.model_copy(update={"status": status}))


async def test_each_reason_is_said_at_the_ticket_and_at_the_signed_url(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    for is_ticket in (True, False):
        for expected in ("revoked", "withdrawn", "withheld", "suspended", "expired"):
            account, ticket, signed = await granted(delivery, client)
            if expected == "revoked":
                await client.delete(f"/v1/downloads/{ticket.rpartition('/')[2]}")
            elif expected == "withdrawn":
                await withdraw(delivery, client)
            elif expected == "withheld":
                await withdraw(delivery, client, "withheld")
            elif expected == "suspended":
                await delivery.account("suspended", account)
            elif is_ticket:
                continue  # a ticket does not expire
            else:
                delivery.clock.pass_by(3600)
            before = await refusals(delivery)
            answer = await client.get(ticket if is_ticket else signed)
            assert answer.status_code in {403, 404, 410}
            assert await refusals(delivery) == [*before, expected]


async def test_the_event_names_the_grant_and_its_account(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    account, ticket, _ = await granted(delivery, client)
    await client.delete(f"/v1/downloads/{ticket.rpartition('/')[2]}")
    delivery.clock.pass_by(9)
    await client.get(ticket)
    async with delivery.database.read() as sql:
        row = await sql.fetchrow("SELECT key, payload FROM outbox WHERE type = $1", REFUSED)
    assert row is not None
    said = json.loads(row["payload"])
    assert (row["key"], said["grant_id"], said["account_id"]) == (
        *[ticket.rpartition("/")[2]] * 2,
        str(account),
    )
    assert said["occurred_at"] == "2026-11-24T12:00:09Z"


async def test_a_client_that_hammers_is_said_once_an_hour_for_each_reason(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    _, ticket, signed = await granted(delivery, client)
    await client.delete(f"/v1/downloads/{ticket.rpartition('/')[2]}")
    await asyncio.gather(*(client.get(address) for _ in range(16) for address in (ticket, signed)))
    delivery.clock.pass_by(3599)
    await client.get(ticket)
    assert await refusals(delivery) == ["revoked"]
    delivery.clock.pass_by(1)
    await asyncio.gather(*(client.get(address) for _ in range(16) for address in (ticket, signed)))
    assert sorted(await refusals(delivery)) == ["expired", "revoked", "revoked"]


async def test_looking_is_not_said(delivery: Delivery, client: httpx.AsyncClient) -> None:
    _, ticket, signed = await granted(delivery, client)
    await client.delete(f"/v1/downloads/{ticket.rpartition('/')[2]}")
    for address in (ticket, signed):
        assert (await client.head(address)).status_code == 410
    assert await refusals(delivery) == []


async def test_what_is_no_refusal_of_a_grant_is_not_said(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    """Else a stranger filled the audit of whoever's grant he can name."""
    _, ticket, signed = await granted(delivery, client)
    await client.delete(f"/v1/downloads/{ticket.rpartition('/')[2]}")
    forged = signed[:-1] + ("A" if signed[-1] != "A" else "B")
    assert (await client.get(forged)).status_code == 403
    suspended = await delivery.account("suspended")
    for stranger, status in (
        (await delivery.account(), 404),
        (suspended, 403),
        (await delivery.account(ended=NOON), 401),
    ):
        answer = await client.get(ticket, headers=delivery.issuer.bearer(stranger))
        assert answer.status_code == status
    assert await refusals(delivery) == []


async def test_of_an_erased_account_nothing_is_said_and_nothing_kept(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    account, ticket, signed = await granted(delivery, client)
    await client.delete(f"/v1/downloads/{ticket.rpartition('/')[2]}")
    await client.get(ticket)
    await delivery.erase_account(account)
    delivery.clock.pass_by(3600)
    for address in (ticket, signed):
        assert (await client.get(address)).status_code in {401, 410}
    assert await refusals(delivery) == ["revoked"]
    async with delivery.database.read() as sql:
        assert await sql.fetchval("SELECT count(*) FROM download_refusal") == 0


@pytest.mark.parametrize("since", [timedelta(), timedelta(seconds=1)])
async def test_a_signed_url_ends_with_the_sessions_that_were_there_when_it_was_signed(
    delivery: Delivery, client: httpx.AsyncClient, since: timedelta
) -> None:
    """A new password, or signing out everywhere, ends what went out before, and the ticket gives another."""
    account, ticket, signed = await granted(delivery, client)
    await delivery.account("active", account, ended=NOON + since)
    refused = await client.get(signed)
    assert (refused.status_code, refused.json()["type"]) == (410, "urn:newsreel:problem:link-expired")
    assert refused.json()["ticket"].endswith(ticket)
    delivery.clock.pass_by(5)
    client.headers.update(delivery.issuer.bearer(account, NOON + timedelta(seconds=3)))
    fresh = urlsplit((await client.get(ticket)).headers["location"])
    assert (await client.get(f"{fresh.path}?{fresh.query}")).status_code == 200
