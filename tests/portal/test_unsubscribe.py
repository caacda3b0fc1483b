"""The link of each newsletter: following it asks, one press ends the subscription."""

from uuid import UUID, uuid4

import httpx
import pytest

from newsreel_testing.page_checks import Html
from newsreel_testing.portal import Portal
from notifier.domain.unsubscribe import unsubscribe_token


async def link_of(portal: Portal, account_id: UUID | None = None) -> str:
    """Of the account that is signed in, or of another one."""
    if account_id is None:
        async with portal.services.identity.database.read() as sql:
            account_id = await sql.fetchval(
                "SELECT account_id FROM account WHERE address = $1", portal.address
            )
    assert account_id is not None
    token = unsubscribe_token(portal.services.identity.keys.unsubscribe, account_id)
    return f"/newsletter/unsubscribe?token={token}"


async def subscribe(portal: Portal) -> None:
    await portal.sign_in()
    await portal.post("/newsletter", "/", wanted="yes", return_to="/")
    assert await portal.subscribed()


async def test_c12_m8_following_the_link_changes_nothing_and_one_press_does(portal: Portal) -> None:
    await subscribe(portal)
    link = await link_of(portal)
    async with portal.another_browser() as browser:
        page = await browser.get(link)
        assert page.status_code == 200
        assert await portal.subscribed()
        [form] = [form for form in Html.of(page.text).all("form") if form.get("action") != "/language"]
        assert form.get("action") == link
        pressed = await browser.post(link, headers={"Origin": portal.origin})
    assert pressed.status_code == 200
    assert "You are unsubscribed" in pressed.text
    assert not await portal.subscribed()


async def test_m8_a_mail_program_needs_no_cookie_no_origin_and_no_form_token(portal: Portal) -> None:
    await subscribe(portal)
    link = await link_of(portal)
    for _ in range(2):
        async with portal.another_browser() as program:
            answer = await program.post(
                link, data={"List-Unsubscribe": "One-Click"}, headers={"Accept": "*/*"}
            )
        assert answer.status_code == 200
        assert not await portal.subscribed()


async def test_the_person_who_reads_it_signed_in_may_press_as_well(portal: Portal) -> None:
    await subscribe(portal)
    link = await link_of(portal)
    await portal.get(link)
    assert "You are unsubscribed" in (await portal.send(link, {})).text
    assert "Subscribe to the newsletter" in (await portal.get("/newsletter")).text


@pytest.mark.parametrize("token", ["", "k2.nothing", "k2." + "A" * 43, "%00", "é"])
async def test_another_link_says_so_and_changes_nothing(portal: Portal, token: str) -> None:
    await subscribe(portal)
    answer = await portal.browser.post(f"/newsletter/unsubscribe?token={token}")
    assert answer.status_code == 422
    assert "This link does not work" in answer.text
    assert await portal.subscribed()


async def test_a_token_that_is_too_long_is_no_page(portal: Portal) -> None:
    for send in (portal.browser.get, portal.browser.post):
        assert (await send(f"/newsletter/unsubscribe?token={'A' * 129}")).status_code == 404


async def test_the_link_of_an_account_that_is_gone_is_no_error(portal: Portal) -> None:
    async with portal.another_browser() as browser:
        assert (await browser.post(await link_of(portal, uuid4()))).status_code == 200


async def test_without_identity_nothing_is_lost(portal: Portal) -> None:
    await subscribe(portal)
    link = await link_of(portal)
    portal.identity.away = True
    answer = await portal.browser.post(link)
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    portal.identity.away = False
    assert await portal.subscribed()


async def test_the_token_is_in_no_log(portal: Portal, caplog: pytest.LogCaptureFixture) -> None:
    await subscribe(portal)
    link = await link_of(portal)
    portal.identity.forced = httpx.Response(500, content=b"oops")
    with caplog.at_level(0):
        await portal.browser.post(link)
    ours = [
        record.getMessage() for record in caplog.records if record.name != "httpx"
    ]  # the test's own client
    assert ours
    assert link.partition("=")[2] not in "".join(ours)
