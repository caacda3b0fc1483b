"""Programs of other teams: a client with the scope gets grants and signed URLs, until it is ended."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from delivery.inbound_kafka import on_account_erased
from newsreel_runtime.ids import new_id
from newsreel_testing.delivery_service import MEDIA, Delivery

GRANTED = "newsreel.delivery.download.granted.v1"
REDEEMED = "newsreel.delivery.download.redeemed.v1"


async def ask(delivery: Delivery, client: httpx.AsyncClient, bearer: dict[str, str]) -> httpx.Response:
    """For a file that is published."""
    video, rendition = await delivery.publish_file(b"bytes")
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    return await client.post("/v1/grants", json=wanted, headers=bearer)


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:newsreel:problem:{code}")


async def test_a_program_opens_a_grant_and_gets_signed_urls(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    bearer = delivery.issuer.client_bearer(new_id())
    asked = await ask(delivery, client, bearer)
    assert asked.status_code == 201
    grant = asked.json()["grant_id"]
    followed = await client.get(f"/download/{grant}", headers=bearer)
    assert followed.status_code == 307
    url = followed.headers["location"]
    assert url.startswith(f"{MEDIA}/r/")
    taken = await client.get(url.removeprefix(MEDIA))
    assert taken.headers["x-newsreel-grant"] == grant
    assert "x-accel-redirect" in (await client.get(f"/v1/grants/{grant}/file", headers=bearer)).headers
    assert await delivery.emitted() == [GRANTED, REDEEMED]


async def test_its_grants_are_its_own(delivery: Delivery, client: httpx.AsyncClient) -> None:
    program = delivery.issuer.client_bearer(new_id())
    person = delivery.issuer.bearer(await delivery.account())
    for owner, other in ((program, person), (person, program)):
        grant = (await ask(delivery, client, owner)).json()["grant_id"]
        refused(await client.get(f"/download/{grant}", headers=other), 404, "grant-unknown")


@pytest.mark.parametrize("scope", ["", "other", "download", "downloads-all"])
async def test_without_the_scope_it_gets_nothing(
    delivery: Delivery, client: httpx.AsyncClient, scope: str
) -> None:
    lacks = delivery.issuer.client_bearer(new_id(), scope=scope)
    for answer in (
        await ask(delivery, client, lacks),
        await client.get(f"/download/{new_id()}", headers=lacks),
        await client.get(f"/v1/grants/{new_id()}/file", headers=lacks),
    ):
        refused(answer, 403, "scope-missing")
        assert answer.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="downloads"'
    assert await delivery.emitted() == []


async def test_a_token_that_is_over_is_refused(delivery: Delivery, client: httpx.AsyncClient) -> None:
    over = delivery.issuer.client_bearer(new_id(), datetime.now(UTC) - timedelta(seconds=310))
    refused(await ask(delivery, client, over), 401, "token-refused")


async def test_a_client_that_was_deleted_gets_nothing_while_a_token_of_it_lives(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    """Identity's two records: the last state of the client, and its tombstone."""
    client_id = new_id()
    bearer = delivery.issuer.client_bearer(client_id)
    grant = (await ask(delivery, client, bearer)).json()["grant_id"]
    await delivery.account("deleted", client_id, ended=datetime.now(UTC))
    assert (await client.get(f"/download/{grant}", headers=bearer)).status_code == 401
    async with delivery.database.begin() as tx:
        await on_account_erased(tx, str(client_id))
    refused(await client.get(f"/download/{grant}", headers=bearer), 401, "session-ended")
    refused(await ask(delivery, client, bearer), 401, "session-ended")
    assert await grants_of(delivery, client_id) == 0


async def test_tokens_that_were_ended_get_nothing_and_newer_ones_do(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    """To the fraction of a second: a new token is there before the second is over."""
    client_id, at = new_id(), datetime.now(UTC)
    old = delivery.issuer.client_bearer(client_id, at)
    new = delivery.issuer.client_bearer(client_id, at + timedelta(milliseconds=1))
    grant = (await ask(delivery, client, old)).json()["grant_id"]
    await delivery.account("active", client_id, ended=at)
    refused(await client.get(f"/download/{grant}", headers=old), 401, "session-ended")
    assert (await client.get(f"/download/{grant}", headers=new)).status_code == 307


async def grants_of(delivery: Delivery, client_id: UUID) -> int:
    async with delivery.database.read() as sql:
        count: int = await sql.fetchval(
            "SELECT count(*) FROM download_grant WHERE account_id = $1", client_id
        )
    return count
