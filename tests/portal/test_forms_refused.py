"""Forms from elsewhere: every POST counts only with this browser's token and from this origin."""

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import APIRoute

from newsreel_runtime.keyring import KeyRing
from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.page_checks import faults
from newsreel_testing.portal import Portal
from portal.domain.flow import Flow
from portal.inbound_http.signatures import FLOW_SECONDS, FORM_SECONDS, LEEWAY_SECONDS, Signatures

POSTS = [
    "/sign-in",
    "/sign-out",
    "/register",
    "/code",
    "/code/new",
    "/forgot",
    "/forgot/code",
    "/forgot/code/new",
    "/forgot/password",
    "/newsletter",
    "/language",
    "/account/sessions/end",
    f"/account/sessions/{uuid4()}/end",
    f"/account/downloads/{uuid4()}/revoke",
    f"/account/downloads/{uuid4()}/tickets",
    f"/account/downloads/{uuid4()}/tickets/{uuid4()}/revoke",
    "/account/language",
    "/account/name",
    "/account/password",
    "/account/address",
    "/account/address/code",
    "/account/address/code/new",
    "/account/deletion",
    f"/videos/{uuid4()}/renditions/{uuid4()}/download",
    f"/videos/{uuid4()}/renditions/{uuid4()}/ticket",
]
FILLED = {
    "address": "reporter@example.org",
    "password": PASSWORD,
    "new_password": PASSWORD,
    "code": "12345678",
    "wanted": "yes",
}
Headers = dict[str, str]


def test_the_list_of_posts_is_whole(portal: Portal) -> None:
    listed = {
        "/".join("x" if "-" in part and len(part) == 36 else part for part in post.split("/"))
        for post in POSTS
    }
    routes = portal.app.openapi()["paths"]
    posts = {path for path, methods in routes.items() if "post" in methods}
    posts.remove("/newsletter/unsubscribe")  # by the token of its link: tests/portal/test_unsubscribe.py
    assert {re.sub(r"\{\w+_id\}", "x", path) for path in posts} == listed


async def refused(portal: Portal, path: str, token: str | None, headers: Headers) -> httpx.Response:
    before = len(portal.identity.asked)
    fields = FILLED | ({"form_token": token} if token is not None else {})
    answer = await portal.browser.post(path, data=fields, headers=headers)
    assert answer.status_code == 403
    assert "Go back, reload the page and send the form again" in answer.text
    assert faults(answer.text) == []
    assert len(portal.identity.asked) == before
    return answer


@pytest.mark.parametrize("path", POSTS)
async def test_s5_without_a_good_token_nothing_happens(portal: Portal, path: str) -> None:
    token = await portal.token("/sign-in")
    own = {"Origin": portal.origin}
    for wrong in (None, "", "nonsense", token[:-9] + token[-9:].swapcase(), "\0", "é" * 5000):
        await refused(portal, path, wrong, own)
    async with portal.another_browser() as other:
        await other.get("/sign-in")
        answer = await other.post(path, data=FILLED | {"form_token": token}, headers=own)
        assert answer.status_code == 403


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://portal.test.evil.example"},
        {"Origin": "http://portal.test:81"},
        {"Origin": "https://portal.test"},
        {"Origin": ""},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
async def test_s5_from_another_origin_nothing_happens(portal: Portal, path: str, headers: Headers) -> None:
    await refused(portal, path, await portal.token("/sign-in"), headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://portal.test"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ],
)
async def test_from_a_page_of_ours_it_counts(portal: Portal, headers: Headers) -> None:
    await portal.register_account()
    fields = FILLED | {"address": portal.address, "form_token": await portal.token("/sign-in")}
    assert (await portal.browser.post("/sign-in", data=fields, headers=headers)).status_code == 303


async def test_a_token_counts_in_a_body_only(portal: Portal) -> None:
    token = await portal.token("/sign-in")
    await refused(portal, f"/sign-in?form_token={token}", None, {"Origin": portal.origin})


@pytest.mark.parametrize(
    "media_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""]
)
async def test_another_kind_of_body_is_no_form(portal: Portal, media_type: str) -> None:
    token = await portal.token("/sign-in")
    headers = {"Origin": portal.origin, "Content-Type": media_type}
    body = f"form_token={token}&address=a&password=b"
    answer = await portal.browser.post("/sign-in", content=body, headers=headers)
    assert answer.status_code == 403


def at(seconds: float) -> Signatures:
    """A process of the portal whose clock is that much ahead of noon."""
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    return Signatures(KeyRing({"k1": b"a" * 32}), lambda: noon + timedelta(seconds=seconds))


def test_signatures_hold_for_one_browser_and_one_key() -> None:
    signatures, flow = at(0), Flow(address="reporter@example.org")
    token, sealed = signatures.form_token("browser"), signatures.seal("browser", flow)
    assert signatures.form_token_holds("browser", token)
    assert signatures.unseal("browser", sealed) == flow
    assert not signatures.form_token_holds("another", token)
    assert not Signatures(KeyRing({"k1": b"b" * 32})).form_token_holds("browser", token)
    assert not signatures.form_token_holds("browser", sealed)
    assert signatures.unseal("another", sealed) == signatures.unseal("browser", token) == Flow()


@pytest.mark.parametrize(
    ("behind", "holds"),
    [
        (FORM_SECONDS, True),
        (FORM_SECONDS + 1, False),
        (-0.2, True),
        (-2, True),
        (-LEEWAY_SECONDS, True),
        (-LEEWAY_SECONDS - 1, False),
    ],
)
def test_a_form_is_read_by_a_process_with_another_clock(behind: float, holds: bool) -> None:
    assert at(behind).form_token_holds("browser", at(0).form_token("browser")) == holds


@pytest.mark.parametrize(
    ("behind", "holds"),
    [(FLOW_SECONDS, True), (FLOW_SECONDS + 1, False), (-2, True), (-LEEWAY_SECONDS - 1, False)],
)
def test_a_flow_is_read_by_a_process_with_another_clock(behind: float, holds: bool) -> None:
    flow = Flow(address="reporter@example.org")
    assert at(behind).unseal("browser", at(0).seal("browser", flow)) == (flow if holds else Flow())


def test_every_route_goes_through_the_check(portal: Portal) -> None:
    for route in portal.app.routes:
        if isinstance(route, APIRoute) and not route.path.startswith("/health/"):
            calls = [getattr(dependency.call, "__name__", "") for dependency in route.dependant.dependencies]
            assert "checked_visit" in calls, route.path
