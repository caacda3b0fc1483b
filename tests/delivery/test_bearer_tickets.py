"""Bearer tickets over HTTP: made once, followed without a session, of each file a few."""

import asyncio
from datetime import datetime, timedelta

import httpx
import pytest

from newsreel_runtime.ids import new_id
from newsreel_testing.bearer_tickets import code, granted, listed, make, path_of
from newsreel_testing.delivery_service import MEDIA, NOON, PORTAL, WEEK, Delivery

GRANTED = "newsreel.delivery.download.granted.v1"
REDEEMED = "newsreel.delivery.download.redeemed.v1"
JSON = {"Accept": "application/json"}


async def test_what_a_program_is_told_of_a_new_one(delivery: Delivery, client: httpx.AsyncClient) -> None:
    of = await granted(delivery, client)
    made = await make(client, of)
    told = made.json()
    assert told["url"].startswith(f"{PORTAL}/t/")
    assert told["url"].endswith("/presser.mp4")
    assert told["expires_at"] == "2026-12-01T12:00:00Z"
    assert told["rendition"] == {
        "file": "presser.mp4",
        "size_bytes": 5,
        "sha256": of.rendition.sha256,
        "media_type": "video/mp4",
        "etag": f'"{of.rendition.sha256}"',
    }
    assert made.headers["cache-control"] == "no-store"
    assert await delivery.emitted() == [GRANTED]


async def test_the_address_tells_the_edge_the_file_without_a_session(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    of = await granted(delivery, client)
    path = path_of(await make(client, of))
    delivery.clock.pass_by(WEEK - 1)
    looked, taken = await client.head(path), await client.get(path)
    for answer in (looked, taken):
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["x-accel-redirect"] == f"/media/{of.rendition.rendition_id}/presser.mp4"
        assert answer.headers["etag"] == f'"{of.rendition.sha256}"'
        assert answer.headers["x-newsreel-grant"] == of.grant
        assert answer.headers["x-newsreel-account"] == str(of.account)
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "private, no-store"
    same = await client.get(path, headers={"If-None-Match": taken.headers["etag"]})
    other = await client.get(path, headers={"If-Match": '"other"'})
    assert (same.status_code, other.status_code) == (304, 412)
    assert await delivery.emitted() == [GRANTED, REDEEMED]


async def test_a_program_of_another_team_makes_one_as_a_person_does(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    video, rendition = await delivery.publish_file(b"bytes")
    owner = delivery.issuer.client_bearer(new_id())
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    grant = (await client.post("/v1/grants", json=wanted, headers=owner)).json()["grant_id"]
    made = await client.post(f"/v1/grants/{grant}/tickets", headers=owner)
    assert (await client.get(path_of(made))).status_code == 200


async def test_the_name_in_the_address_is_one_that_a_program_can_save_under(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    of = await granted(delivery, client, "Прес №4 100%?#'.mp4")
    path = path_of(await make(client, of))
    assert path.endswith("/%D0%9F%D1%80%D0%B5%D1%81%20%E2%84%964%20100%25%3F%23%27.mp4")
    assert (await client.get(path)).status_code == 200
    renamed = path.rpartition("/")[0] + "/renamed.mp4"  # a file's name may be corrected: the bearer counts
    assert "%D0%9F" in (await client.get(renamed)).headers["content-disposition"]


@pytest.mark.parametrize(("asked", "lives"), [(60, 60), (3600, 3600), (30 * 86_400, WEEK)])
async def test_it_lives_as_long_as_it_is_asked_for_and_the_office_allows(
    delivery: Delivery, client: httpx.AsyncClient, asked: int, lives: int
) -> None:
    of = await granted(delivery, client)
    made = await make(client, of, seconds=asked)
    assert datetime.fromisoformat(made.json()["expires_at"]) == NOON + timedelta(seconds=lives)
    delivery.clock.pass_by(lives - 0.001)
    assert (await client.get(path_of(made))).status_code == 200
    delivery.clock.pass_by(0.001)
    assert code(await client.get(path_of(made))) == (410, "ticket-expired")


@pytest.mark.parametrize(
    "wrong", [{"seconds": 59}, {"seconds": 30 * 86_400 + 1}, {"seconds": "x"}, {"s": 60}]
)
async def test_a_life_that_is_none_is_refused(
    delivery: Delivery, client: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    of = await granted(delivery, client)
    assert code(await client.post(of.tickets, json=wrong, headers=of.owner)) == (422, "invalid-input")


async def test_the_json_form_says_where_the_bytes_are(delivery: Delivery, client: httpx.AsyncClient) -> None:
    of = await granted(delivery, client)
    path = path_of(await make(client, of))
    delivery.clock.pass_by(5.5)
    for asked in (
        await client.get(path, headers=JSON),
        await client.get(f"/download/{of.grant}", headers=JSON | of.owner),
    ):
        told = asked.json()
        assert (asked.status_code, asked.headers["cache-control"]) == (200, "no-store")
        assert told["url"].startswith(f"{MEDIA}/r/{of.rendition.rendition_id}/presser.mp4?e=")
        assert told["expires_at"] == "2026-11-24T13:00:05Z"
        assert told["rendition"]["etag"] == f'"{of.rendition.sha256}"'
        url = told["url"].removeprefix(MEDIA)
        assert (await client.get(url)).headers["etag"] == told["rendition"]["etag"]
    end = datetime.fromisoformat(told["expires_at"])
    delivery.clock.at = end - timedelta(seconds=1)
    assert (await client.get(url)).status_code == 200
    delivery.clock.at = end
    assert (await client.get(url)).status_code == 410


@pytest.mark.parametrize("accept", ["*/*", "application/json, text/plain, */*", "video/mp4", None])
async def test_who_takes_anything_gets_the_file(
    delivery: Delivery, client: httpx.AsyncClient, accept: str | None
) -> None:
    """Clients of libraries name JSON first and mean nothing by it."""
    of = await granted(delivery, client)
    path = path_of(await make(client, of))
    headers = {} if accept is None else {"Accept": accept}
    assert "x-accel-redirect" in (await client.get(path, headers=headers)).headers
    moved = await client.get(f"/download/{of.grant}", headers=headers | of.owner)
    assert moved.status_code == 307


async def test_nothing_but_its_hash_is_kept_and_nobody_is_told_it_again(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    of = await granted(delivery, client)
    bearer = path_of(await make(client, of)).split("/")[2]
    await client.get(f"/t/{bearer}/presser.mp4")
    async with delivery.database.read() as sql:
        rows = [
            str(dict(row))
            for table in ("bearer_ticket", "outbox", "download_grant", "download_refusal")
            for row in await sql.fetch(f"SELECT * FROM {table}")  # noqa: S608 (names of ours)
        ]
    shown = (await client.get("/v1/downloads", headers=of.owner)).text
    assert len(rows) >= 4
    assert [text for text in [*rows, shown] if bearer in text] == []


async def test_each_flipped_letter_of_a_bearer_is_refused_like_one_that_never_was(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    of = await granted(delivery, client)
    bearer = path_of(await make(client, of)).split("/")[2]
    wrong = [
        bearer[:at] + ("A" if bearer[at] != "A" else "B") + bearer[at + 1 :] for at in range(len(bearer))
    ]
    wrong += [
        bearer[:-1],
        bearer + "A",
        bearer.swapcase(),
        "x",
        "%00" * 43,
        "\N{CYRILLIC SMALL LETTER A}" * 43,
    ]
    answers = [await client.get(f"/t/{text}/presser.mp4") for text in wrong]
    assert {code(answer) for answer in answers} == {(403, "ticket-refused")}
    assert len({answer.text for answer in answers}) == 1
    assert not {name for answer in answers for name in answer.headers} & {"etag", "x-accel-redirect"}
    assert (await client.get(f"/t/{bearer}/presser.mp4")).status_code == 200
    assert await delivery.emitted() == [GRANTED, REDEEMED]


async def test_of_others_none_is_made_and_none_revoked(delivery: Delivery, client: httpx.AsyncClient) -> None:
    of, other = await granted(delivery, client), await granted(delivery, client)
    made = await make(client, of)
    ticket = made.json()["ticket_id"]
    for grant in (of.grant, new_id()):
        tickets = f"/v1/grants/{grant}/tickets"
        assert code(await client.post(tickets, headers=other.owner)) == (404, "grant-unknown")
        assert code(await client.delete(f"{tickets}/{ticket}", headers=other.owner)) == (404, "grant-unknown")
        assert code(await client.post(tickets)) == (401, "token-refused")
        assert code(await client.delete(f"{tickets}/{ticket}")) == (401, "token-refused")
    for ticket_id in (ticket, new_id()):  # by an own grant, too
        wrong = await client.delete(f"{other.tickets}/{ticket_id}", headers=other.owner)
        assert code(wrong) == (404, "ticket-unknown")
    assert (await client.get(path_of(made))).status_code == 200


async def test_a_file_has_five_at_once_also_when_all_are_asked_for_together(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    of = await granted(delivery, client)
    answers = await asyncio.gather(*(make(client, of) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 7
    assert {code(answer) for answer in answers if answer.status_code == 409} == {(409, "tickets-too-many")}
    [gone, *_] = await listed(client, of)
    await client.delete(f"{of.tickets}/{gone['ticket_id']}", headers=of.owner)
    assert (await make(client, of)).status_code == 201
    assert (await make(client, of)).status_code == 409
    delivery.clock.pass_by(WEEK)  # the live ones are over
    assert (await make(client, of)).status_code == 201


async def test_a_download_by_sixteen_connections_is_one_event_and_one_use(
    delivery: Delivery, client: httpx.AsyncClient
) -> None:
    of = await granted(delivery, client)
    path = path_of(await make(client, of))
    answers = await asyncio.gather(*(client.get(path, headers={"Range": "bytes=1-"}) for _ in range(16)))
    assert {answer.status_code for answer in answers} == {200}
    delivery.clock.pass_by(59)
    await client.get(path)
    assert (await listed(client, of))[0]["used_at"] == "2026-11-24T12:00:00Z"
    delivery.clock.pass_by(1)
    await client.get(path)
    assert (await listed(client, of))[0]["used_at"] == "2026-11-24T12:01:00Z"
    assert await delivery.emitted() == [GRANTED, REDEEMED]
