"""The press office over HTTP: roles, If-Match, limits, and a session that ended meanwhile."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalog.commands.import_videos import VideoImport
from catalog.inbound_http import create_http
from catalog.inbound_http.editors import Editors
from catalog.outbound_http import Identity
from catalog.outbound_media.folder import Folder
from catalog.representations.submission import read_manifest
from newsreel_runtime.database import Database
from newsreel_runtime.http.access_token import AccessTokenVerifier
from newsreel_runtime.http.client import http_client
from newsreel_runtime.ids import new_id
from newsreel_testing.delivery_service import IDENTITY, Issuer

LIST = "/v1/editorial/videos"
STOP = {"why": "ticket 7", "reason": "rights", "note": {"en": "Rights are being cleared."}}
ACTS = ("withhold", "release", "withdraw")


@dataclass
class IdentityAt:
    """Identity: its keys, and what it says to whoever asks with a token."""

    issuer: Issuer = field(default_factory=Issuer)
    status: int = 200
    away: bool = False
    asked: list[str] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("jwks.json"):
            return httpx.Response(200, json=self.issuer.jwks)
        self.asked.append(f"{request.method} {request.url.path}")
        if self.away:
            raise httpx.ConnectError("away", request=request)
        return httpx.Response(self.status, json={})


@dataclass(frozen=True)
class Office:
    """A catalog with one published video."""

    client: httpx.AsyncClient
    identity: IdentityAt
    database: Database
    video: str
    account: str

    def bearer(self, *roles: str) -> dict[str, str]:
        return self.identity.issuer.bearer(new_id(), roles=roles)

    async def act(self, name: str, version: int, body: Any = None, **headers: str) -> httpx.Response:
        tagged = {"If-Match": f'"{version}"'} | headers
        said = body if body is not None else {"why": "ticket 7"} if name == "release" else STOP
        return await self.client.post(f"{self.video}/{name}", json=said, headers=tagged)


@pytest.fixture
async def office(
    service_database: Callable[[str], Awaitable[Database]], submit: Callable[..., Path], media_root: Path
) -> AsyncIterator[Office]:
    database = await service_database("catalog")
    folder = submit()
    submission = read_manifest((folder / "manifest.json").read_bytes())
    assert await VideoImport(database, Folder(media_root), dry_run=False).run(folder, submission)
    async with database.begin() as tx:
        video_id = await tx.sql.fetchval("SELECT video_id FROM video")
        await tx.sql.execute("DELETE FROM outbox")
    identity = IdentityAt()
    network = httpx.MockTransport(identity.answer)
    async with http_client(IDENTITY, transport=network) as asks:
        editors = Editors(AccessTokenVerifier(IDENTITY, network), Identity(asks).check_standing)
        app = create_http(database, database, editors)
        account = new_id()
        headers = identity.issuer.bearer(account, roles=("press-office",))
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://catalog.test", headers=headers
        ) as client:
            yield Office(client, identity, database, f"{LIST}/{video_id}", str(account))


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["type"] == f"urn:newsreel:problem:{code}"


async def changed(office: Office) -> bool:
    """Whether anything was done to the video beside its publication."""
    async with office.database.read() as sql:
        acts = await sql.fetchval("SELECT count(*) FROM editorial_act")
        return bool(acts > 1 or await sql.fetchval("SELECT count(*) FROM outbox"))


async def test_a_video_is_withheld_released_and_withdrawn(office: Office) -> None:
    seen = await office.client.get(office.video)
    assert (seen.headers["etag"], seen.json()["status"], seen.json()["stop"]) == ('"1"', "usable", None)
    for version, (name, status) in enumerate(
        (("withhold", "withheld"), ("release", "usable"), ("withdraw", "withdrawn")), 1
    ):
        answer = await office.act(name, version)
        assert answer.status_code == 200, answer.text
        assert answer.headers["etag"] == f'"{version + 1}"'
        assert answer.headers["cache-control"] == "private, no-store"
        assert (answer.json()["status"], answer.json()["version"]) == (status, version + 1)
        public = await office.client.get(office.video.replace("/editorial", ""))
        assert public.status_code == {"withheld": 403, "usable": 200, "withdrawn": 410}[status]
    items = (await office.client.get(f"{office.video}/history")).json()["items"]
    assert [(act["done"], act["editor"]) for act in items] == [
        ("published", "import"),
        ("withheld", office.account),
        ("released", office.account),
        ("withdrawn", office.account),
    ]
    listed = (await office.client.get(LIST, params={"status": "withdrawn"})).json()["items"]
    assert [item["version"] for item in listed] == [4]
    assert (await office.client.get(LIST, params={"status": "usable"})).json()["items"] == []


@pytest.mark.parametrize("roles", [(), ("operator",), ("editor",), ("press-office-2",)])
async def test_only_the_press_office_acts_and_only_editors_look(
    office: Office, roles: tuple[str, ...]
) -> None:
    bearer = office.bearer(*roles)
    for name in ACTS:
        refused(await office.act(name, 1, **bearer), 403, "role-missing")
    for address in (LIST, office.video, f"{office.video}/history"):
        answer = await office.client.get(address, headers=bearer)
        assert answer.status_code == (200 if roles == ("editor",) else 403)
    assert not await changed(office)


async def test_a_program_and_a_stranger_do_not_act(office: Office) -> None:
    for header in (
        "Bearer nonsense",
        "Basic YTpi",
        office.identity.issuer.client_bearer(new_id())["Authorization"],
    ):
        for name in ACTS:
            refused(await office.act(name, 1, Authorization=header), 401, "token-refused")
    assert office.identity.asked == []
    assert not await changed(office)


async def test_who_was_signed_out_meanwhile_does_not_act_with_the_token_that_is_left(office: Office) -> None:
    office.identity.status = 401
    for name in ACTS:
        refused(await office.act(name, 1), 401, "session-ended")
    refused(await office.client.get(LIST), 401, "session-ended")
    office.identity.status = 500
    refused(await office.act("withhold", 1), 503, "unavailable")
    office.identity.away = True
    answer = await office.act("withhold", 1)
    refused(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "2"
    assert set(office.identity.asked) == {"GET /v1/sessions"}
    assert not await changed(office)


@pytest.mark.parametrize(
    ("tag", "status", "code"),
    [
        (None, 428, "version-missing"),
        ('"2"', 412, "version-passed"),
        ('W/"1"', 412, "version-passed"),
        ("*", 412, "version-passed"),
        ("1", 412, "version-passed"),
        ('"1", "2"', 412, "version-passed"),
        ('"99999999999999999999"', 412, "version-passed"),
    ],
)
async def test_a_change_is_of_the_version_that_was_looked_at(
    office: Office, tag: str | None, status: int, code: str
) -> None:
    headers = {} if tag is None else {"If-Match": tag}
    for name in ACTS:
        body = {"why": "x"} if name == "release" else STOP
        answer = await office.client.post(f"{office.video}/{name}", json=body, headers=headers)
        refused(answer, status, code)
    assert not await changed(office)


async def test_what_the_status_does_not_allow_is_refused(office: Office) -> None:
    refused(await office.act("release", 1), 409, "status-refused")
    await office.act("withdraw", 1)
    for name in ACTS:
        refused(await office.act(name, 2), 409, "status-refused")
    unknown = f"{LIST}/{new_id()}"
    refused(await office.client.get(unknown), 404, "video-unknown")
    refused(await office.client.get(f"{unknown}/history"), 404, "video-unknown")
    refused(
        await office.client.post(f"{unknown}/withdraw", json=STOP, headers={"If-Match": '"1"'}),
        404,
        "video-unknown",
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"why": ""}, "why"),
        ({"why": "a\u0000b"}, "why"),
        ({"why": "a\u202eb"}, "why"),
        ({"why": "x" * 251}, "why"),
        ({"why": "ask ada@desk.example"}, "why"),
        ({"why": None}, "why"),
        ({"reason": "mood"}, "reason"),
        ({"note": {"de": "Nein"}}, "note.de.[key]"),
        ({"note": {"en": "a\u2066b"}}, "note.en"),
        ({"note": {"en": "x" * 4001}}, "note.en"),
        ({"note": []}, "note"),
        ({"status": "usable"}, "status"),
    ],
)
async def test_bad_input_names_its_field_and_nothing_is_stored(
    office: Office, change: dict[str, Any], named: str
) -> None:
    answer = await office.act("withhold", 1, STOP | change)
    refused(answer, 422, "invalid-input")
    assert [wrong["field"] for wrong in answer.json()["errors"]] == [named]
    assert not await changed(office)


async def patch(office: Office, version: int, body: Any, **headers: str) -> httpx.Response:
    tagged = {"If-Match": f'"{version}"'} | headers
    return await office.client.patch(office.video, json={"why": "typo"} | body, headers=tagged)


async def test_an_editor_gives_a_video_other_texts(office: Office) -> None:
    """What is not named stays; the search, the bus and the history have it at once."""
    body = {
        "titles": {"en": "Bridge reopens", "fr": None},
        "keywords": {"en": ["bridge", "ferry"], "uk": ["міст"]},
        "location": "Tirvane",
    }
    answer = await patch(office, 1, body, **office.bearer("editor"))
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    public = (await office.client.get(office.video.replace("/editorial", ""))).json()
    assert public["title"] == {"en": "Bridge reopens", "uk": "Міст відкрито"}
    assert public["keywords"] == {"en": ["bridge", "ferry"], "uk": ["міст"]}
    assert (public["location"], public["credit_line"]) == ("Tirvane", "Video: the Assembly press office")
    found = (await office.client.get("/v1/search", params={"q": "reopens place:tirvane"})).json()
    assert found["summary"]["count"] == 1
    act = (await office.client.get(f"{office.video}/history")).json()["items"][-1]
    assert (act["done"], act["version"], act["why"]) == ("revised", 2, "titles, keywords, location: typo")
    async with office.database.read() as sql:
        rows = await sql.fetch("SELECT type, payload FROM outbox")
    [state] = [json.loads(row["payload"])["video"] for row in rows]
    assert rows[0]["type"] == "newsreel.catalog.video.revised.v1"
    assert (state["version"], state["titles"]["en"], "fr" in state["titles"]) == (2, "Bridge reopens", False)


async def test_an_edit_that_changes_nothing_is_no_revision(office: Office) -> None:
    answer = await patch(office, 1, {"titles": {"en": "Bridge opens"}, "restrictions": {"fr": None}})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert not await changed(office)


async def test_an_edit_of_a_withheld_video_is_seen_with_its_release(office: Office) -> None:
    await office.act("withhold", 1)
    assert (await patch(office, 2, {"titles": {"en": "Bridge reopens"}})).json()["status"] == "withheld"
    assert (await office.client.get("/v1/search", params={"q": "reopens"})).json()["items"] == []
    assert (await office.client.get("/v1/videos")).json()["items"] == []
    await office.act("release", 3)
    assert len((await office.client.get("/v1/search", params={"q": "reopens"})).json()["items"]) == 1
    await office.act("withdraw", 4)
    refused(await patch(office, 5, {"location": "Elsewhere"}), 409, "status-refused")


@pytest.mark.parametrize(
    ("body", "named", "code"),
    [
        ({"titles": {"en": "a\u202eb"}}, "titles.en", "invalid-input"),
        ({"titles": {"en": "x" * 251}}, "titles.en", "invalid-input"),
        ({"titles": {"en": "a\u0000b"}}, "titles.en", "invalid-input"),
        ({"descriptions": {"en": "x" * 4001}}, "descriptions.en", "invalid-input"),
        ({"keywords": {"en": ["x"] * 51}}, "keywords.en", "invalid-input"),
        ({"keywords": {"en": ["a", ""]}}, "keywords.en.1", "invalid-input"),
        ({"location": ""}, "location", "invalid-input"),
        ({"reference": "NR-2"}, "reference", "invalid-input"),
        ({"headlines": {"en": None}}, "headlines", "text-missing"),
    ],
)
async def test_a_bad_text_names_its_field_and_nothing_is_stored(
    office: Office, body: dict[str, Any], named: str, code: str
) -> None:
    answer = await patch(office, 1, body)
    refused(answer, 422, code)
    assert [wrong["field"] for wrong in answer.json()["errors"]] == [named]
    assert not await changed(office)


async def test_an_edit_is_refused_without_role_or_version(office: Office) -> None:
    for roles in ((), ("operator",)):
        refused(await patch(office, 1, {"location": "X"}, **office.bearer(*roles)), 403, "role-missing")
    refused(await patch(office, 2, {"location": "X"}), 412, "version-passed")
    untagged = await office.client.patch(office.video, json={"why": "typo", "location": "X"})
    refused(untagged, 428, "version-missing")
    assert not await changed(office)


async def test_without_identity_there_are_no_routes_for_editors(office: Office) -> None:
    transport = httpx.ASGITransport(app=create_http(office.database, office.database))
    async with httpx.AsyncClient(transport=transport, base_url="http://catalog.test") as client:
        assert (await client.get(LIST, headers=office.bearer("editor"))).status_code == 404
