"""What people do with their accounts on the pages: each step by itself, and whole ways of such steps."""

import re
from urllib.parse import urlsplit

import httpx

from newsreel_local.journey import Journey
from newsreel_local.visitor import Page, PageError
from newsreel_proving.people import LANGUAGES, Person
from newsreel_proving.programs import take_with_program
from newsreel_testing.operators import newsreel

_RESEND = 31.0  # seconds after the first mail until another may be asked for
_ONE_TICKET = re.compile(r"/account/downloads/[0-9a-f-]{36}/tickets/[0-9a-f-]{36}/revoke")
_ONE_SESSION = re.compile(r"/account/sessions/[0-9a-f-]{36}/end")


def signed_in(page: Page) -> Page:
    """The page. Raises `PageError` when nobody is signed in on it."""
    page.form("/sign-out")
    return page


async def register(person: Person, browser: Journey, *, strangers: int, wrong: int, resent: str) -> None:
    """Prove the address. With three strangers before, the code is a long one."""
    for _ in range(strangers):
        stranger = await person.browser()
        stranger.password = person.a_password()
        await stranger.register()
    page = await browser.register()
    code = await person.code(browser)
    for _ in range(wrong):
        page = await browser.enter_code(page, person.a_code())
    if resent == "patiently":
        await person.wait(_RESEND)
    if resent:
        page = await browser.visitor.press(page, page.form("/code/new"))
    if resent == "patiently":
        code = await person.code(browser)
    while len(code) < 20 and strangers:
        code = await person.code(browser)
    done = await browser.enter_code(page, code)
    if done.path != "/registered":
        raise PageError(f"the code led to {done.path} ({done.status}): {done.text[:300]}")


async def sign_in(person: Person, browser: Journey, *, wrong: int = 0) -> Page:
    """With `wrong` other passwords before the right one."""
    for _ in range(wrong):
        browser.password = person.a_password()
        await browser.sign_in()
    browser.password = person.password
    return signed_in(await browser.sign_in())


async def download(person: Person, browser: Journey) -> None:
    """By the ticket, as a browser."""
    ticket = await browser.ticket(await browser.first_video())
    part = await browser.visitor.get(ticket, Range="bytes=0-999")
    if part.status_code != 206:
        raise PageError(f"the ticket answered {part.status_code}")


async def take_by_bearer_ticket(person: Person, browser: Journey) -> None:
    """Make a link for programs on the video's page, take a part with it, revoke it, and try once more."""
    bearer = await browser.bearer_ticket(await browser.first_video())
    program = await person.program()
    for status in (httpx.codes.PARTIAL_CONTENT, httpx.codes.GONE):
        for asked in (bearer, bearer.rpartition("/")[0] + "/other%20name.mp4?x=1"):
            part = await program.get(asked, headers={"Range": "bytes=0-999"})
            if part.status_code != status:
                raise PageError(f"the bearer ticket answered {part.status_code}")
        listed = await browser.visitor.visit("/account/downloads")
        revoking = (form for form in listed.forms if _ONE_TICKET.fullmatch(urlsplit(form.action).path))
        if (form := next(revoking, None)) is not None:
            await browser.visitor.press(listed, form)


async def take_by_program(person: Person, browser: Journey) -> None:
    """Sign in to identity, and take the file by a signed URL."""
    await take_with_program(person, await browser.ticket(await browser.first_video()))


async def choose_language(person: Person, browser: Journey) -> None:
    page = await browser.visitor.visit("/account")
    await browser.visitor.press(
        page, page.form("/account/language"), language=person.chance.choice(LANGUAGES)
    )


async def export(_: Person, browser: Journey) -> None:
    answer = await browser.visitor.get(f"{browser.addresses.portal}/account/export")
    if answer.json()["address"] != browser.address:
        raise PageError("the export is somebody else's")


async def end_other_session(person: Person, browser: Journey) -> None:
    """Sign in elsewhere too, and sign out there from here."""
    other = await person.browser()
    await sign_in(person, other)
    page = await browser.visitor.visit("/account")
    form = next(form for form in page.forms if _ONE_SESSION.fullmatch(urlsplit(form.action).path))
    await browser.visitor.press(page, form)
    (await other.visitor.visit("/account")).form("/sign-in")


async def sign_out_everywhere(person: Person, browser: Journey) -> None:
    page = await browser.visitor.visit("/account")
    await browser.visitor.press(page, page.form("/account/sessions/end"))
    await sign_in(person, browser)


async def sign_out(person: Person, browser: Journey) -> None:
    page = await browser.visitor.visit("/")
    await browser.visitor.press(page, page.form("/sign-out"))
    await sign_in(person, browser)


async def change_password(person: Person, browser: Journey) -> None:
    """With a wrong old one first."""
    page = await browser.visitor.visit("/account/password")
    new = person.a_password()
    form = page.form("/account/password")
    page = await browser.visitor.press(page, form, password=person.a_password(), new_password=new)
    form = page.form("/account/password")
    page = await browser.visitor.press(page, form, password=person.password, new_password=new)
    person.password = new
    if "/sign-in" in page.path:  # the answer was lost in an overloaded portal, and the form was sent again
        await sign_in(person, browser)
        return
    signed_in(page)


async def reset(person: Person, browser: Journey) -> None:
    """In a new browser: with a wrong code, a password that breaks the rule, then the old one or a new one."""
    other = await person.browser()
    page = await other.forget(await other.visitor.visit("/"))
    code = await person.code(other)
    page = await other.enter_code(page, person.a_code())
    page = await other.enter_code(page, code)
    form = page.form("/forgot/password")
    page = await other.visitor.press(page, form, password=person.a_password().replace("1", " "))
    chosen = person.password if person.maybe(0.3) else person.a_password()
    form = page.form("/forgot/password")
    await other.visitor.press(page, form, password=chosen)
    person.password = chosen
    await sign_in(person, browser)


async def be_suspended(person: Person, browser: Journey) -> None:
    """By an operator, who restores the account after the person tried to sign in."""
    act = (person.address, "--reason", f"ticket {person.chance.randrange(1000)}", "--as", "olga", "--yes")
    await newsreel(person.world.stack, "identity", "accounts", "suspend", *act)
    await browser.sign_in(await browser.visitor.visit("/sign-in"))
    await newsreel(person.world.stack, "identity", "accounts", "restore", *act)
    await newsreel(person.world.stack, "identity", "accounts", "show", person.address)
    await sign_in(person, browser)


async def close(person: Person, browser: Journey) -> None:
    """With a wrong password first."""
    page = await browser.visitor.visit("/account")
    form = page.form("/account/deletion")
    page = await browser.visitor.press(page, form, password=person.a_password())
    form = page.form("/account/deletion")
    closed = await browser.visitor.press(page, form, password=person.password)
    if "Your account is closed" not in closed.text:
        raise PageError(f"{closed.path} does not say that the account is closed")


async def leave_newsletter(person: Person, browser: Journey) -> None:
    """By the link of the newsletter: on the page, or as a mail program does (RFC 8058)."""
    link = await browser.newsletter_link()
    if person.maybe(0.5):
        await browser.unsubscribe(link)
        return
    program = await person.program()
    answer = await program.post(link, data={"List-Unsubscribe": "One-Click"})
    if answer.status_code != 200:
        raise PageError(f"one click answered {answer.status_code}")
