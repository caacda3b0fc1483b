"""Register, enter the code, sign in, forget the password: each from the page where the person was."""

import json

from newsreel_runtime.clock import now
from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.page_checks import Html
from newsreel_testing.portal import Portal
from newsreel_testing.portal_services import Services
from newsreel_testing.portal_videos import VIDEO

PAGE = f"/videos/{VIDEO}"
NEW = "Another-battery-7"


async def asked_code(portal: Portal, start: str = "/register") -> None:
    """Register up to the code page."""
    await portal.get(start)
    answer = await portal.post("/register", address=portal.address, password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/code")


async def test_s3_the_whole_way_in_and_back(portal: Portal) -> None:
    await asked_code(portal, f"/register?return_to={PAGE}")
    assert portal.address in (await portal.get("/code")).text
    entered = await portal.post("/code", code=await portal.code())
    assert (entered.status_code, entered.headers["location"]) == (303, "/registered")
    done = await portal.get("/registered")
    assert "From now on you can download videos" in done.text
    assert "/sign-in" in [element.get("href") for element in Html.of(done.text).all("a")]
    assert "newsreel" not in portal.cookies()
    back = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert (back.status_code, back.headers["location"]) == (303, PAGE)
    assert portal.address in (await portal.get(PAGE)).text


async def test_m2_identity_is_told_where_each_request_for_a_mail_comes_from(portal: Portal) -> None:
    await portal.sign_in()
    known = portal.cookies()["newsreel-known"]
    await portal.post("/sign-out", "/")
    await portal.post("/register", address=portal.address, password=PASSWORD)
    await portal.post("/code/new", "/code")
    await portal.post("/forgot", address=portal.address)
    paths = ("/v1/registrations", "/codes", "/v1/resets")
    told = [asked.headers for asked in portal.identity.asked if asked.url.path.endswith(paths)]
    assert len(told) == 3
    for headers in told:
        assert (headers["x-forwarded-for"], headers["newsreel-known-browser"]) == ("192.0.2.7", known)


async def test_the_registration_speaks_the_readers_language(portal: Portal) -> None:
    fields = await portal.form("/register") | {"address": portal.address, "password": PASSWORD}
    headers = {"Origin": portal.origin, "Accept-Language": "uk"}
    await portal.browser.post("/register", data=fields, headers=headers)
    assert json.loads(portal.identity.asked[-1].content)["locale"] == "uk"


async def test_p8_every_reason_is_beside_its_field_and_the_password_is_not_kept(portal: Portal) -> None:
    answer = await portal.post("/register", address="nobody<>", password="Short-secret"[:5])
    page = Html.of(answer.text)
    assert answer.status_code == 422
    assert page.all("title")[0].text.startswith("Error: ")
    links = [
        (element.get("href"), element.text)
        for element in page.all("a")
        if element.get("href").startswith("#")
    ]
    assert ("#password", "Use at least 12 characters.") in links
    assert ("#password", "Add a number.") in links
    assert "#address" in [href for href, _ in links]
    assert page.by_id("address").get("value") == "nobody<>"
    assert page.by_id("password").get("value") == ""
    assert page.by_id("password").get("aria-invalid") == "true"
    assert "Short" not in answer.text


async def test_a_wrong_code_is_said_at_the_field(portal: Portal) -> None:
    await asked_code(portal)
    answer = await portal.post("/code", code="00000000")
    page = Html.of(answer.text)
    assert answer.status_code == 422
    assert "The code is wrong or has expired" in page.by_id("code-errors").text
    assert page.by_id("code").get("value") == ""
    assert (await portal.post("/code", code=await portal.code())).headers["location"] == "/registered"


async def test_a_new_code_is_sent_and_too_early_says_when(portal: Portal) -> None:
    await asked_code(portal)
    early = await portal.post("/code/new", "/code")
    assert early.status_code == 429
    assert f"Try again in {early.headers['retry-after']} seconds" in early.text
    await portal.pause()
    sent = await portal.post("/code/new", "/code")
    assert (sent.status_code, sent.headers["location"]) == (303, "/code")
    assert "A new code is on its way" in (await portal.get("/code")).text
    assert "A new code is on its way" not in (await portal.get("/code")).text
    assert len(await portal.codes()) == 2


async def test_an_address_that_strangers_used_up_is_registered_all_the_same(
    services: Services, portal: Portal
) -> None:
    """Trial A3: the newest mail was sent for another browser, its long code works in this one."""
    identity = services.identity
    for _ in range(12):
        stranger = await identity.register(portal.address, now())
        for _ in range(5):
            await identity.answer(stranger, identity.wrong_code(stranger.challenge_id), now())
    await asked_code(portal)
    spent = await portal.post("/code", code="00000000")
    assert spent.status_code == 429
    assert "Ask for a new code" in Html.of(spent.text).by_id("code-errors").text
    code = (await portal.code()).lower()
    typed = " ".join(code[begin : begin + 4] for begin in range(0, len(code), 4))
    assert (await portal.post("/code", code=typed)).headers["location"] == "/registered"
    await portal.tell_delivery()
    assert (await portal.post("/sign-in", address=portal.address, password=PASSWORD)).status_code == 303


async def test_registered_is_shown_to_who_has_registered(portal: Portal) -> None:
    assert (await portal.get("/registered")).headers["location"] == "/sign-in"


async def test_a_wrong_password_is_the_form_again(portal: Portal) -> None:
    await portal.register_account()
    answer = await portal.post("/sign-in", address=portal.address, password="Wrong-password-1")
    assert answer.status_code == 422
    assert Html.of(answer.text).by_id("address").get("value") == portal.address
    assert "Wrong-password-1" not in answer.text
    assert "newsreel" not in portal.cookies()


async def test_a_strangers_wrong_passwords_bar_neither_the_owner_nor_a_known_browser(portal: Portal) -> None:
    """E3, trial A3: tries are counted by network; a browser that signed in before has its own."""
    await portal.register_account()
    mine = portal.browser

    async def sign_in(password: str) -> int:
        return (await portal.post("/sign-in", address=portal.address, password=password)).status_code

    assert await sign_in(PASSWORD) == 303
    known = portal.cookies()["newsreel-known"]
    async with portal.another_browser("198.51.100.9") as portal.browser:
        statuses = [await sign_in("Wrong-Horse-77") for _ in range(11)]
        assert statuses == [422] * 10 + [429]
        assert await sign_in(PASSWORD) == 429
    async with portal.another_browser("198.51.100.9") as portal.browser:
        portal.browser.cookies.set("newsreel-known", known)
        assert await sign_in(PASSWORD) == 303
        assert portal.cookies()["newsreel-known"] == known
    async with portal.another_browser("203.0.113.5") as portal.browser:
        assert await sign_in(PASSWORD) == 303
    portal.browser = mine
    await portal.post("/sign-out", "/")
    assert portal.cookies()["newsreel-known"] == known


async def test_who_is_signed_in_needs_no_form(portal: Portal) -> None:
    await portal.sign_in()
    answer = await portal.get(f"/sign-in?return_to={PAGE}")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)


async def test_s1_the_session_is_new_at_each_sign_in(portal: Portal) -> None:
    await portal.sign_in()
    first = portal.cookies()["newsreel"]
    await portal.post("/sign-out", "/")
    await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert portal.cookies()["newsreel"] != first


async def test_s2_signing_out_ends_the_session_everywhere(portal: Portal) -> None:
    await portal.sign_in()
    session = portal.cookies()["newsreel"]
    answer = await portal.post("/sign-out", "/")
    assert answer.headers["location"] == "/"
    assert not await portal.lives(session)
    assert "newsreel" not in portal.cookies()
    assert "You are signed out." in (await portal.get("/")).text


async def test_signing_out_with_identity_away_clears_this_browser_and_says_so(portal: Portal) -> None:
    await portal.sign_in()
    token = await portal.token("/")
    portal.identity.away = True
    headers = {"Origin": portal.origin}
    await portal.browser.post("/sign-out", data={"form_token": token}, headers=headers)
    assert "newsreel" not in portal.cookies()
    assert "the account service did not answer" in (await portal.get("/")).text


async def forgotten(portal: Portal, start: str) -> str:
    """From a page to the new password, as somebody with an account; where that leads."""
    await portal.get(start)
    asked = await portal.post("/forgot", address=portal.address)
    assert asked.headers["location"] == "/forgot/code"
    entered = await portal.post("/forgot/code", code=await portal.code())
    assert entered.headers["location"] == "/forgot/password"
    set_ = await portal.post("/forgot/password", password=NEW)
    assert set_.status_code == 303
    return str(set_.headers["location"])


async def test_a_forgotten_password_leads_back_to_the_page_with_a_form_to_sign_in(portal: Portal) -> None:
    await portal.register_account()
    assert await forgotten(portal, f"/forgot?return_to={PAGE}") == PAGE
    page = Html.of((await portal.get(PAGE)).text)
    assert "Your password has been changed" in page.all("main")[0].text
    assert page.by_id("address").get("value") == portal.address
    back = await portal.post("/sign-in", PAGE, address=portal.address, password=NEW)
    assert back.headers["location"] == PAGE


async def test_a_reset_from_nowhere_leads_to_the_list(portal: Portal) -> None:
    await portal.register_account()
    assert await forgotten(portal, "/forgot") == "/"
    assert "Your password has been changed" in (await portal.get("/")).text


async def test_a_reset_on_the_way_to_the_newsletter_leads_to_sign_in(portal: Portal) -> None:
    await portal.register_account()
    await portal.get("/newsletter")
    assert await forgotten(portal, "/forgot") == "/sign-in"
    assert "Your password has been changed" in (await portal.get("/sign-in")).text


async def test_a_reset_signs_this_browser_out(portal: Portal) -> None:
    await portal.sign_in()
    await forgotten(portal, "/forgot")
    assert "newsreel" not in portal.cookies()


async def test_a_bad_new_password_says_why(portal: Portal) -> None:
    await portal.register_account()
    await portal.post("/forgot", address=portal.address)
    await portal.post("/forgot/code", code=await portal.code())
    answer = await portal.post("/forgot/password", password="short")
    assert answer.status_code == 422
    assert "Use at least 12 characters." in Html.of(answer.text).by_id("password-errors").text


async def test_c12_addresses_and_secrets_are_in_no_url(portal: Portal) -> None:
    await asked_code(portal)
    code = await portal.code()
    await portal.post("/code", code=code)
    await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    for secret in (portal.address, "reporter", PASSWORD, code, portal.cookies()["newsreel"]):
        assert secret not in portal.identity.urls()
