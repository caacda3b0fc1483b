"""Whatever is sent: the form again with what to mend, or a page; never a 500."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from newsreel_runtime.http.app import BODY_LIMIT
from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.page_checks import Html, faults
from newsreel_testing.portal import ORIGIN, Portal, open_portal
from newsreel_testing.portal_services import Services

SECRET = "reporter@example.org"
FORMS = ["/sign-in", "/register", "/forgot"]


async def send(portal: Portal, path: str, body: str | bytes) -> httpx.Response:
    """Send a raw form body behind a good token."""
    token = await portal.token(path)
    content = f"form_token={token}&".encode() + (body if isinstance(body, bytes) else body.encode())
    headers = {"Origin": portal.origin, "Content-Type": "application/x-www-form-urlencoded"}
    return await portal.browser.post(path, content=content, headers=headers)


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "Enter your e-mail address."),
        (b"address=&password=", "Enter your e-mail address."),
        (b"address=a%00b@example.org", "has characters that cannot be read"),
        (b"address=%ff%fe@example.org", "has characters that cannot be read"),
        (b"address=\xff\xfe", "has characters that cannot be read"),
        (b"address=" + b"a" * 5000, "is too long: use at most 320 characters"),
        (b"address=a@example.org&address=b@example.org", "was sent more than once"),
        (b"%61ddress=", "Enter your e-mail address."),
        (b"address", "Enter your e-mail address."),
        (b"address[]=x&address.x=y", "Enter your e-mail address."),
    ],
)
async def test_m3_the_form_comes_back_with_what_to_mend(
    portal: Portal, path: str, body: bytes, words: str
) -> None:
    answer = await send(portal, path, body)
    page = Html.of(answer.text)
    assert answer.status_code == 422
    assert faults(answer.text) == []
    assert words in page.by_id("address-errors").text
    assert page.by_id("address").get("aria-invalid") == "true"
    assert "address-errors" in page.by_id("address").get("aria-describedby")
    assert "#address" in [element.get("href") for element in page.all("a")]
    assert {request.method for request in portal.identity.asked} <= {"GET"}  # for the password rule


async def test_markup_in_an_address_stays_text(portal: Portal) -> None:
    planted = '"><script>alert(1)</script>'
    answer = await portal.post("/register", address=planted, password="x")
    assert Html.of(answer.text).by_id("address").get("value") == planted


@pytest.mark.parametrize("path", FORMS)
async def test_e5_far_too_much_is_refused_before_it_is_read(portal: Portal, path: str) -> None:
    answer = await send(portal, path, b"address=" + b"a" * BODY_LIMIT)
    assert answer.status_code == 413


async def test_a_stream_without_a_length_is_cut_off(portal: Portal) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"a" * 4096

    headers = {"Origin": portal.origin, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await portal.browser.post("/sign-in", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert faults(answer.text) == []
    assert "larger than any form here allows" in answer.text


async def test_a_flood_of_fields_is_no_form(portal: Portal) -> None:
    assert (await send(portal, "/sign-in", "&".join(f"f{n}=1" for n in range(60)))).status_code == 403


async def test_what_was_not_expected_is_a_page_without_its_reason(portal: Portal) -> None:
    portal.app.add_api_route("/broken", _broken)
    answer = await portal.browser.get("/broken")
    assert answer.status_code == 500
    assert faults(answer.text) == []
    assert "Something went wrong" in answer.text
    assert SECRET not in answer.text


async def _broken() -> None:
    raise RuntimeError(SECRET)


NAMES = st.sampled_from(
    ["challenge", "address", "password", "code", "wanted", "return_to", "form_token", "x"]
)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.lists(st.tuples(NAMES, st.text(max_size=80)), max_size=8).map(
        lambda pairs: urlencode(pairs, errors="replace").encode()
    ),
    st.lists(st.tuples(NAMES, st.binary(max_size=80)), max_size=8).map(
        lambda pairs: "&".join(f"{name}={quote_from_bytes(value)}" for name, value in pairs).encode()
    ),
)
PATHS = st.sampled_from(
    [*FORMS, "/code", "/code/new", "/forgot/code", "/forgot/password", "/newsletter", "/sign-out"]
)


@given(path=PATHS, body=BODIES, signed_in=st.booleans())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_any_body_gets_a_sound_answer(
    services: Services, path: str, body: bytes, signed_in: bool
) -> None:
    async with open_portal(services) as portal:
        if signed_in:
            await portal.sign_in()
        token = await portal.token("/")
        headers = {"Origin": portal.origin, "Content-Type": "application/x-www-form-urlencoded"}
        content = f"form_token={token}&".encode() + body
        answer = await portal.browser.post(path, content=content, headers=headers)
        assert answer.status_code in {303, 403, 410, 422, 429}
        assert answer.status_code == 303 or faults(answer.text) == []
        assert PASSWORD not in answer.text


async def test_any_request_of_the_description_gets_an_answer(services: Services) -> None:
    async with open_portal(services) as portal:
        schema = schemathesis.openapi.from_dict(portal.app.openapi())
        requests: list[httpx.Request] = []
        for operation in schema.get_all_operations():
            assert isinstance(operation, Ok)
            _collect(operation.ok().as_strategy(), requests)
        assert len(requests) > 100
        for request in requests:
            answer = await portal.browser.send(request)
            assert answer.status_code < 500, (request.method, request.url)


def _collect(cases: "st.SearchStrategy[Any]", into: list[httpx.Request]) -> None:
    @given(case=cases)
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def collect(case: Any) -> None:
        sent = case.as_transport_kwargs(base_url=ORIGIN)
        form = sent.get("data") if isinstance(sent.get("data"), dict) else None
        headers = {**(sent.get("headers") or {}), "Origin": ORIGIN}
        url, query = sent["url"], sent.get("params")
        into.append(httpx.Request(sent["method"], url, params=query, data=form, headers=headers))

    collect()
