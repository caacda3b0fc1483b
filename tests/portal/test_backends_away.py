"""Services behind the portal that are away, busy or strange: a page that says try again, never a 500."""

import asyncio
import logging
import socket
import struct
from uuid import uuid4

import httpx
import pytest

from newsreel_runtime.http.client import http_client
from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.page_checks import Html
from newsreel_testing.portal import Portal
from newsreel_testing.portal_services import Backend
from newsreel_testing.portal_videos import BROADCAST, VIDEO
from portal.outbound_http import Delivery

PAGE = f"/videos/{VIDEO}"
STRANGE = [
    httpx.Response(500, content=b"oops"),
    httpx.Response(502, content=b"<html>"),
    httpx.Response(200, content=b"not json"),
    httpx.Response(200, content=b"[]"),
    httpx.Response(200, content=b'{"items": 5, "challenge_id": 1, "session": {}}'),
    httpx.Response(302, headers={"Location": "https://evil.example/"}),
]


def silence(backend: Backend, forced: httpx.Response | None) -> None:
    """Away, or answering `forced` to everything."""
    backend.away, backend.forced = forced is None, forced


@pytest.mark.parametrize("forced", [None, *STRANGE])
@pytest.mark.parametrize("path", ["/", PAGE])
async def test_without_the_catalogue_there_is_a_page(
    portal: Portal, path: str, forced: httpx.Response | None
) -> None:
    silence(portal.catalog, forced)
    answer = await portal.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "try again shortly" in answer.text


@pytest.mark.parametrize("forced", [None, *STRANGE])
async def test_without_identity_everybody_may_still_read(
    portal: Portal, forced: httpx.Response | None
) -> None:
    await portal.sign_in()
    silence(portal.identity, forced)
    for path in ("/", PAGE, "/search?q=morning", "/newsletter"):
        answer = await portal.get(path)
        assert answer.status_code == 200
        assert "Sign out" in answer.text
    assert "newsreel" in portal.cookies()


@pytest.mark.parametrize("forced", [None, *STRANGE])
@pytest.mark.parametrize("path", ["/sign-in", "/register", "/forgot"])
async def test_forms_come_back_with_their_values(
    portal: Portal, path: str, forced: httpx.Response | None
) -> None:
    silence(portal.identity, forced)
    answer = await portal.post(path, address=portal.address, password=PASSWORD)
    assert answer.status_code == 503
    assert "is not answering" in answer.text
    assert Html.of(answer.text).by_id("address").get("value") == portal.address


async def test_codes_and_passwords_come_back_too(portal: Portal) -> None:
    await portal.register_account()
    await portal.post("/forgot", address=portal.address)
    portal.identity.away = True
    assert (await portal.post("/forgot/code", code=await portal.code())).status_code == 503
    assert (await portal.post("/forgot/code/new", "/forgot/code")).status_code == 503
    portal.identity.away = False
    await portal.post("/forgot/code", code=await portal.code())
    portal.identity.away = True
    assert (await portal.post("/forgot/password", password=PASSWORD)).status_code == 503


@pytest.mark.parametrize("away", ["identity", "delivery"])
async def test_a_press_without_a_service_is_a_page(portal: Portal, away: str) -> None:
    await portal.sign_in()
    token = await portal.token(PAGE)
    silence(getattr(portal, away), None)
    headers = {"Origin": portal.origin}
    for path in (f"{PAGE}/renditions/{BROADCAST}/download", "/newsletter"):
        fields = {"form_token": token, "wanted": "yes", "return_to": "/"}
        answer = await portal.browser.post(path, data=fields, headers=headers)
        assert answer.status_code == (503 if away == "identity" or "download" in path else 303)


@pytest.mark.parametrize(
    ("status", "shown"), [(429, "Try again in 2 minutes."), (503, "Try again in 2 minutes.")]
)
async def test_a_busy_identity_says_when(portal: Portal, status: int, shown: str) -> None:
    problem = b'{"type": "urn:newsreel:problem:busy", "title": "Busy", "detail": "Wait."}'
    portal.identity.forced = httpx.Response(status, headers={"Retry-After": "100"}, content=problem)
    answer = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "100")
    assert shown in answer.text


@pytest.mark.parametrize("retry_after", ["Wed, 21 Oct 2026 07:28:00 GMT", "-5", "9" * 400, ""])
async def test_a_strange_retry_after_is_left_out(portal: Portal, retry_after: str) -> None:
    portal.identity.forced = httpx.Response(429, headers={"Retry-After": retry_after}, content=b"")
    answer = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert answer.status_code == 429
    assert "retry-after" not in answer.headers


@pytest.mark.parametrize("loss", ["closed", "reset"])
async def test_a_connection_that_is_lost_in_the_middle_of_a_call_is_no_error(loss: str) -> None:
    grant = uuid4()
    answer = b'{"grant_id": "%s"}' % str(grant).encode()
    calls = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await reader.readuntil(b"}")
        if calls > 1:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
        elif loss == "reset":
            at_once = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, http_client(f"http://127.0.0.1:{port}") as client:
        assert await Delivery(client).grant("a token", uuid4(), uuid4()) == grant
    assert calls == 2


async def test_logs_name_the_service_and_nothing_personal(
    portal: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        for forced in (None, *STRANGE):
            silence(portal.identity, forced)
            await portal.post("/register", address=portal.address, password=PASSWORD)
    assert "identity does not answer: ConnectError" in caplog.text
    for secret in (portal.address, PASSWORD):
        assert secret not in caplog.text


async def test_the_portal_is_ready_by_itself(portal: Portal) -> None:
    for backend in (portal.identity, portal.catalog, portal.delivery):
        silence(backend, None)
    assert (await portal.browser.get("/health/live")).status_code == 200
    assert (await portal.browser.get("/health/ready")).status_code == 200
