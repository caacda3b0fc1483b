"""Codes and their requests: pressed twice, in two tabs, gone back, lost and over (A1, A2, A4, A8, A9)."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from newsreel_runtime.clock import now
from newsreel_testing.identity_service import PASSWORD
from newsreel_testing.page_checks import Html
from newsreel_testing.portal import Portal, open_portal
from newsreel_testing.portal_services import Services
from newsreel_testing.portal_videos import BROADCAST, VIDEO
from portal.domain.flow import Purpose

PAGE = f"/videos/{VIDEO}"
NEW = "Another-battery-7"
WAYS: list[tuple[Purpose, str, str, str]] = [
    ("signup", "/register", "/code", "/registered"),
    ("reset", "/forgot", "/forgot/code", "/forgot/password"),
]


async def asked(portal: Portal, start: str, address: str | None = None) -> None:
    """Ask for a code up to the code page."""
    fields = {"address": address or portal.address} | ({"password": PASSWORD} if start == "/register" else {})
    assert (await portal.post(start, **fields)).status_code == 303


async def begun(portal: Portal, purpose: Purpose, start: str) -> None:
    """As `asked`, by somebody who gets a code for it."""
    if purpose == "reset":
        await portal.register_account()
    await asked(portal, start)


def said(answer: httpx.Response) -> tuple[int, str]:
    """Status and place of an answer."""
    return answer.status_code, answer.headers.get("location", "")


async def pressed_twice(portal: Portal, path: str, fields: dict[str, str]) -> None:
    """A double click, a reload that sends again, and two presses at once: one answer."""
    first = await portal.send(path, fields)
    at_once = await asyncio.gather(*(portal.send(path, fields) for _ in range(2)))
    answers = [first, *at_once, await portal.send(path, fields)]
    assert [said(answer) for answer in answers] == [said(first)] * 4
    assert first.status_code == 303


@pytest.mark.parametrize(("purpose", "start", "code_page", "after"), WAYS)
async def test_pressed_twice_the_first_mails_code_works(
    portal: Portal, purpose: Purpose, start: str, code_page: str, after: str
) -> None:
    await begun(portal, purpose, start)
    await portal.pause(purpose)
    await asked(portal, start)
    assert len(set((await portal.codes())[-2:])) == 2
    entered = await portal.post(code_page, code=(await portal.codes())[-2])
    assert said(entered) == (303, after)


async def test_pressed_twice_at_once_one_mail_goes(portal: Portal) -> None:
    form = await portal.form("/register") | {"address": portal.address, "password": PASSWORD}
    answers = await asyncio.gather(*(portal.send("/register", form) for _ in range(3)))
    assert {said(answer) for answer in answers} == {(303, "/code")}
    assert len(await portal.codes()) == 1
    assert said(await portal.post("/code", code=await portal.code())) == (303, "/registered")


@pytest.mark.parametrize("page", ["/", "/sign-in", "/register", "/forgot", PAGE])
@pytest.mark.parametrize(("start", "code_page"), [("/register", "/code"), ("/forgot", "/forgot/code")])
async def test_every_page_leads_back_to_the_code_page(
    portal: Portal, page: str, start: str, code_page: str
) -> None:
    await asked(portal, start)
    shown = Html.of((await portal.get(page)).text)
    assert "is on its way" in shown.all("main")[0].text
    assert portal.address in shown.all("main")[0].text
    assert code_page in [link.get("href") for link in shown.all("a")]


async def test_a_code_that_was_entered_is_not_awaited_any_more(portal: Portal) -> None:
    await asked(portal, "/register")
    await portal.post("/code", code=await portal.code())
    assert "is on its way" not in (await portal.get("/")).text


async def test_a_code_that_cannot_live_any_more_is_not_awaited(services: Services) -> None:
    async with (
        open_portal(services) as first,
        open_portal(services, ahead=50 * 60) as later,
        open_portal(services, ahead=61 * 60) as last,
    ):
        await asked(first, "/register")
        later.browser.cookies = first.browser.cookies
        assert "is on its way" in (await later.get(f"/sign-in?return_to={PAGE}")).text
        last.browser.cookies = later.browser.cookies
        shown = (await last.get("/sign-in")).text
        assert "to go back to the video" in shown
        assert "is on its way" not in shown


async def test_every_button_of_a_registration_may_be_pressed_twice(portal: Portal) -> None:
    form = await portal.form("/register", f"/register?return_to={PAGE}")
    await pressed_twice(portal, "/register", form | {"address": portal.address, "password": PASSWORD})
    code_form, new_form = await portal.form("/code"), await portal.form("/code/new", "/code")
    await portal.pause()
    await pressed_twice(portal, "/code/new", new_form)
    assert len(await portal.codes()) == 2
    await pressed_twice(portal, "/code", code_form | {"code": await portal.code()})
    sign_in = await portal.form("/sign-in") | {"address": portal.address, "password": PASSWORD}
    await pressed_twice(portal, "/sign-in", sign_in)
    assert said(await portal.send("/sign-in", sign_in)) == (303, PAGE)


async def test_every_button_of_a_reset_may_be_pressed_twice(portal: Portal) -> None:
    await portal.register_account()
    form = await portal.form("/forgot", f"/forgot?return_to={PAGE}") | {"address": portal.address}
    await pressed_twice(portal, "/forgot", form)
    form = await portal.form("/forgot/code") | {"code": await portal.code()}
    await pressed_twice(portal, "/forgot/code", form)
    form = await portal.form("/forgot/password") | {"password": NEW}
    await pressed_twice(portal, "/forgot/password", form)
    assert said(await portal.send("/forgot/password", form)) == (303, PAGE)
    assert said(await portal.post("/sign-in", PAGE, address=portal.address, password=NEW)) == (303, PAGE)


async def test_every_other_button_may_be_pressed_twice(portal: Portal) -> None:
    download = f"{PAGE}/renditions/{BROADCAST}/download"
    await pressed_twice(portal, download, await portal.form(download, PAGE))
    await portal.sign_in()
    await pressed_twice(portal, download, await portal.form(download, PAGE))
    await pressed_twice(portal, "/newsletter", await portal.form("/newsletter"))
    await pressed_twice(portal, "/sign-out", await portal.form("/sign-out", "/"))


@pytest.mark.parametrize(("purpose", "start", "code_page", "after"), WAYS)
async def test_back_after_success_leads_on(
    portal: Portal, purpose: Purpose, start: str, code_page: str, after: str
) -> None:
    await begun(portal, purpose, start)
    form, new_form = await portal.form(code_page), await portal.form(f"{code_page}/new", code_page)
    await portal.send(code_page, form | {"code": await portal.code()})
    assert said(await portal.get(code_page)) == (303, after)
    assert said(await portal.send(code_page, form | {"code": "00000000"})) == (303, after)
    assert said(await portal.send(f"{code_page}/new", new_form)) == (303, after)


async def test_back_after_the_new_password_leads_to_signing_in(portal: Portal) -> None:
    await begun(portal, "reset", "/forgot")
    code_form = await portal.form("/forgot/code") | {"code": await portal.code()}
    await portal.send("/forgot/code", code_form)
    form = await portal.form("/forgot/password") | {"password": NEW}
    await portal.send("/forgot/password", form)
    assert said(await portal.get("/forgot/code")) == (303, "/forgot/password")
    assert said(await portal.send("/forgot/code", code_form)) == (303, "/forgot/password")
    assert said(await portal.get("/forgot/password")) == (303, "/")
    assert "Your password has been changed" in (await portal.get("/")).text
    other = await portal.send("/forgot/password", form | {"password": "Yet-another-7"})
    assert other.status_code == 410
    assert "This code no longer works" in other.text


async def test_two_tabs_sign_up_in_one_and_reset_in_the_other(portal: Portal) -> None:
    await asked(portal, "/register", "first." + portal.address)
    first_tab = await portal.form("/code")
    await begun(portal, "reset", "/forgot")
    second_tab = await portal.form("/forgot/code")
    links = [link.get("href") for link in Html.of((await portal.get("/")).text).all("a")]
    assert {"/code", "/forgot/code"} <= set(links)
    first = await portal.send("/code", first_tab | {"code": await portal.code("first." + portal.address)})
    assert said(first) == (303, "/registered")
    second = await portal.send("/forgot/code", second_tab | {"code": await portal.code()})
    assert said(second) == (303, "/forgot/password")
    assert said(await portal.post("/forgot/password", password=NEW)) == (303, "/")


async def test_two_tabs_sign_up_with_two_addresses(portal: Portal) -> None:
    await asked(portal, "/register", "first." + portal.address)
    first_tab = await portal.form("/code")
    await asked(portal, "/register")
    second_tab = await portal.form("/code")
    wrong = await portal.send("/code", first_tab | {"code": "00000000"})
    assert "first." + portal.address in Html.of(wrong.text).all("main")[0].text
    for address, tab in (("first." + portal.address, first_tab), (portal.address, second_tab)):
        assert said(await portal.send("/code", tab | {"code": await portal.code(address)})) == (
            303,
            "/registered",
        )


async def test_signing_in_in_one_tab_keeps_the_request_of_another(portal: Portal) -> None:
    await asked(portal, "/register", "first." + portal.address)
    tab = await portal.form("/code")
    await portal.sign_in()
    assert "first." + portal.address in (await portal.get("/code")).text
    entered = await portal.send("/code", tab | {"code": await portal.code("first." + portal.address)})
    assert said(entered) == (303, "/registered")


@pytest.mark.parametrize(("purpose", "start", "code_page", "after"), WAYS)
async def test_a_form_goes_on_when_the_flow_is_lost(
    portal: Portal, purpose: Purpose, start: str, code_page: str, after: str
) -> None:
    await begun(portal, purpose, start)
    form = await portal.form(code_page)
    portal.browser.cookies.delete("newsreel-flow")
    assert (await portal.send(code_page, form | {"code": "00000000"})).status_code == 422
    assert said(await portal.send(code_page, form | {"code": await portal.code()})) == (303, after)


async def test_a_closed_browser_goes_on_with_the_mail(portal: Portal) -> None:
    await portal.get(f"/register?return_to={PAGE}")
    await asked(portal, "/register")
    form = await portal.form("/code")
    for cookie in list(portal.browser.cookies.jar):  # closing a browser ends the cookies without a life
        if cookie.expires is None:
            portal.browser.cookies.delete(cookie.name)
    assert said(await portal.send("/code", form | {"code": await portal.code()})) == (303, "/registered")
    back = await portal.post("/sign-in", address=portal.address, password=PASSWORD)
    assert said(back) == (303, PAGE)


async def test_the_browser_keeps_its_id_as_long_as_its_flow(portal: Portal) -> None:
    await asked(portal, "/register")
    lives = {cookie.name: cookie.expires or 0 for cookie in portal.browser.cookies.jar}
    assert lives["newsreel-browser"] >= lives["newsreel-flow"]


@pytest.mark.parametrize(("path", "begin"), [("/code", "/register"), ("/forgot/code", "/forgot")])
async def test_a_page_without_its_request_says_so_and_leads_on(portal: Portal, path: str, begin: str) -> None:
    answers = [
        await portal.get(path),
        await portal.post(path, "/", code="12345678"),
        await portal.post(path, "/", code="12345678", challenge="nonsense"),
        await portal.post(f"{path}/new", "/"),
    ]
    for answer in answers:
        assert answer.status_code == 410
        assert "No code is expected here" in answer.text
        links = [link.get("href") for link in Html.of(answer.text).all("a")]
        assert {begin, "/sign-in"} <= set(links)


async def test_a_request_of_the_other_purpose_does_not_count(portal: Portal) -> None:
    await asked(portal, "/register")
    assert (await portal.get("/forgot/code")).status_code == 410
    assert (await portal.get("/forgot/password")).status_code == 410
    assert (await portal.post("/forgot/password", "/", password=NEW)).status_code == 410


async def test_anothers_request_is_not_open_here(portal: Portal) -> None:
    await asked(portal, "/register")
    form = await portal.form("/code")
    async with portal.another_browser() as other:
        page = Html.of((await other.get("/register")).text)
        token = next(
            element.get("value") for element in page.all("input") if element.get("name") == "form_token"
        )
        fields = {"form_token": token, "challenge": form["challenge"], "code": await portal.code()}
        answer = await other.post("/code", data=fields, headers={"Origin": portal.origin})
        assert answer.status_code in {410, 422}


async def test_an_unknown_request_is_over(portal: Portal) -> None:
    answer = await portal.post("/code", "/", code="12345678", challenge=str(uuid4()))
    assert answer.status_code == 410
    assert "This code no longer works" in answer.text


@pytest.mark.parametrize("then", ["guess", "new code"])
async def test_after_five_wrong_codes_the_request_is_over_and_begins_again(portal: Portal, then: str) -> None:
    await asked(portal, "/register")
    wrong = f"{(int(await portal.code()) + 1) % 10**8:08}"
    form, new_form = await portal.form("/code"), await portal.form("/code/new", "/code")
    for _ in range(5):
        assert (await portal.send("/code", form | {"code": wrong})).status_code == 422
    await portal.pause()
    if then == "guess":
        over = await portal.send("/code", form | {"code": await portal.code()})
    else:
        over = await portal.send("/code/new", new_form)
    assert over.status_code == 410
    assert "This code no longer works" in over.text
    assert "is on its way" not in (await portal.get("/")).text
    assert len(await portal.codes()) == 1
    await asked(portal, "/register")
    assert said(await portal.post("/code", code=await portal.code())) == (303, "/registered")


async def test_a_reset_that_took_too_long_is_over(portal: Portal) -> None:
    await begun(portal, "reset", "/forgot")
    await portal.post("/forgot/code", code=await portal.code())
    form = await portal.form("/forgot/password")
    async with portal.services.identity.database.begin() as tx:
        await tx.sql.execute(
            "UPDATE challenge SET reset_expires_at = $1 WHERE address_key = $2",
            now() - timedelta(seconds=1),
            portal.address,
        )
    answer = await portal.send("/forgot/password", form | {"password": NEW})
    assert answer.status_code == 410
    assert "Ask for a new code" in answer.text


@pytest.mark.parametrize("ahead", [0.2, 2, 30])
async def test_two_processes_of_the_portal_may_differ_in_time(services: Services, ahead: float) -> None:
    """Each form is shown by the one whose clock is ahead, and sent to the other."""
    async with open_portal(services, ahead=ahead) as early, open_portal(services) as late:
        form = await early.form("/register") | {"address": late.address, "password": PASSWORD}
        late.browser.cookies = early.browser.cookies
        assert said(await late.send("/register", form)) == (303, "/code")
        early.browser.cookies = late.browser.cookies
        form = await early.form("/code/new", "/code") | {"code": await late.code()}
        assert (await early.send("/code/new", form)).status_code == 429
        late.browser.cookies = early.browser.cookies
        assert said(await late.send("/code", form)) == (303, "/registered")
        assert (await late.get("/registered")).status_code == 200


async def test_a_code_with_marks_and_words_is_read(portal: Portal) -> None:
    await asked(portal, "/register")
    assert "Enter the code from the e-mail" in (await portal.post("/code", code="my code")).text
    code = await portal.code()
    typed = f"Code: {code[:4]} {code[4:]}."
    assert said(await portal.post("/code", code=typed)) == (303, "/registered")


@pytest.mark.parametrize("around", ["{}\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}{}", "mailto:{}", "<{}>"])
async def test_a_copied_address_signs_in(portal: Portal, around: str) -> None:
    await portal.register_account()
    answer = await portal.post("/sign-in", address=around.format(portal.address), password=PASSWORD)
    assert answer.status_code == 303


async def test_an_address_is_shown_as_people_write_it(services: Services) -> None:
    async with open_portal(services) as portal:
        portal.address = portal.address.replace("example.org", "bücher.example")
        await portal.sign_in()
        assert portal.address in (await portal.get("/")).text
