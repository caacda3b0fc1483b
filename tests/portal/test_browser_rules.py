"""Cookies and headers: what the browser is told to keep, to load and to refuse."""

import re
from http.cookies import SimpleCookie

import httpx
import pytest

from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.portal import MEDIA, Portal
from newsreel_testing.portal_videos import VIDEO

STATIC_SHEET = "/static/newsreel.css"


def set_cookies(answer: httpx.Response) -> dict[str, dict[str, object]]:
    """The cookies that an answer sets, with their flags."""
    found: dict[str, dict[str, object]] = {}
    for line in answer.headers.get_list("set-cookie"):
        cookie: SimpleCookie = SimpleCookie(line)
        for name, morsel in cookie.items():
            found[name] = {key: value for key, value in morsel.items() if value != ""}
    return found


async def signing_in(portal: Portal) -> tuple[dict[str, dict[str, object]], dict[str, dict[str, object]]]:
    """The cookies of the sign-in page with a place, and those of the sign-in."""
    await portal.register_account()
    page = await portal.browser.get(f"/sign-in?return_to=/videos/{VIDEO}")
    done = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    return set_cookies(page), set_cookies(done)


async def test_by_http_cookies_are_plain_and_guarded(portal: Portal) -> None:
    page, done = await signing_in(portal)
    assert set(page) == {"newsreel-browser", "newsreel-flow"}
    assert set(done) == {"newsreel", "newsreel-flow", "newsreel-browser", "newsreel-known"}
    for flags in [*page.values(), *done.values()]:
        assert (flags["path"], flags["httponly"], flags["samesite"]) == ("/", True, "lax")
        assert "secure" not in flags
        assert "domain" not in flags
    assert page["newsreel-flow"]["max-age"] == "3600"
    assert page["newsreel-browser"]["max-age"] == done["newsreel-browser"]["max-age"] == "86400"
    assert done["newsreel-flow"]["max-age"] == "60"  # for a second press of the button
    assert 43100 <= int(str(done["newsreel"]["max-age"])) <= 43200
    assert done["newsreel-known"]["max-age"] == str(400 * 24 * 60 * 60)


async def test_s1_by_https_cookies_are_secure_and_of_this_host(secure_portal: Portal) -> None:
    page, done = await signing_in(secure_portal)
    assert set(page) == {"__Host-newsreel-browser", "__Host-newsreel-flow"}
    assert set(done) == {f"__Host-newsreel{name}" for name in ("", "-flow", "-browser", "-known")}
    for flags in [*page.values(), *done.values()]:
        assert (flags["secure"], flags["path"], flags["httponly"]) == (True, "/", True)
        assert "domain" not in flags


async def test_a_visitor_of_the_list_gets_one_random_id(portal: Portal) -> None:
    first = await portal.get("/")
    assert set(set_cookies(first)) == {"newsreel-browser"}
    browser = portal.cookies()["newsreel-browser"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", browser)
    again = set_cookies(await portal.get("/"))
    assert set(again) == {"newsreel-browser"}
    assert portal.cookies()["newsreel-browser"] == browser


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/nothing", f"/videos/{VIDEO}", STATIC_SHEET, "/health/live"]
)
async def test_every_answer_is_ruled(portal: Portal, path: str) -> None:
    headers = (await portal.browser.get(path)).headers
    rules = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert rules == {
        "default-src": "'none'",
        "img-src": f"'self' {MEDIA}",
        "style-src": "'self'",
        "script-src": f"{portal.origin}/static/",
        "connect-src": "'self'",
        "form-action": f"'self' {MEDIA}",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert (headers["cache-control"] == "no-store") == (path != STATIC_SHEET)


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/sign-in", "/register", "/registered", "/forgot", "/code", "/forgot/code", "/newsletter"),
        *(
            f"/videos/{VIDEO}",
            "/search?q=morning",
            "/nothing",
            "/videos/nothing",
            STATIC_SHEET,
            "/health/live",
        ),
    ],
)
async def test_head_is_as_get(portal: Portal, path: str) -> None:
    got, asked = await portal.browser.get(path), await portal.browser.head(path)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    names = ("content-type", "content-security-policy", "cache-control", "location")
    assert {asked.headers.get(name) for name in names} == {got.headers.get(name) for name in names}


@pytest.mark.parametrize("value", ["", "x", '"', "a=b; c", "é", "\x01", "A" * 4000, "..", "e30.AAAA.BBBB"])
async def test_broken_cookies_count_as_none(portal: Portal, value: str) -> None:
    names = ("newsreel", "newsreel-flow", "newsreel-browser")
    raw = "; ".join(f"{name}={value}" for name in names).encode("latin-1")
    for path in ("/", "/sign-in", "/code", "/forgot/password", "/newsletter", "/registered"):
        async with portal.another_browser() as other:
            answer = await other.get(path, headers={b"Cookie": raw})
            assert answer.status_code in {200, 303, 410}


async def test_a_dead_session_is_forgotten_and_the_page_shown(portal: Portal) -> None:
    await portal.sign_in()
    await portal.end_sessions()
    answer = await portal.get("/")
    assert set_cookies(answer)["newsreel"]["max-age"] == "0"
    assert "Sign out" not in answer.text
