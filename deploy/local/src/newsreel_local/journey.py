"""A person on the pages: registers, verifies, signs in, takes a video, resets the password, subscribes."""

import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from newsreel_local.mailbox_reader import MailboxReader
from newsreel_local.mailpit_reader import MailpitReader
from newsreel_local.visitor import Page, PageError, Visitor

_BEARER_TICKET = re.compile(r"https?://[^\s'\"]+/t/[A-Za-z0-9_-]{43}/[^\s'\"]+")
_UNSUBSCRIBE = re.compile(r"\S+/newsletter/unsubscribe\?\S+")


@dataclass(frozen=True)
class Addresses:
    """Where the parts answer. `mailpit`: the mailbox is Mailpit's. Without `traces` none are shown."""

    portal: str
    mailbox: str
    traces: str | None = None
    mailpit: bool = False


@dataclass(frozen=True)
class Taken:
    """A downloaded file: how large, its checksum, the published one, and the headers that came with it."""

    size: int
    sha256: str
    published_sha256: str
    headers: httpx.Headers


def an_address() -> str:
    """An e-mail address that nobody has used yet."""
    return f"journalist-{secrets.token_hex(6)}@example.org"


def a_password() -> str:
    """A password that keeps the twelve-character rule."""
    return f"Aa1!{secrets.token_urlsafe(12)}"


class Journey:
    """One person: a browser, an address and a password."""

    def __init__(self, client: httpx.AsyncClient, addresses: Addresses) -> None:
        self.addresses = addresses
        self.visitor = Visitor(client, addresses.portal)
        reader = MailpitReader if addresses.mailpit else MailboxReader
        self.mailbox = reader(client, addresses.mailbox)
        self.address = an_address()
        self.password = a_password()
        self.pressed_at = 0.0
        self.trace_id = ""

    async def first_video(self) -> Page:
        listed = await self.visitor.visit("/")
        return await self.visitor.visit(listed.link("/videos/"))

    async def press_download(self, video: Page) -> Page:
        """Press the first download button without being signed in: the sign-in page."""
        return await self.visitor.press(video, video.form("/download"))

    async def register(self) -> Page:
        """Fill in the registration and press the button: the code page. Notes when, and the trace."""
        page = await self.visitor.visit("/register")
        form = page.form("/register")
        self.pressed_at = time.time()
        answer = await self.visitor.press(page, form, address=self.address, password=self.password)
        self.trace_id = self.visitor.last_trace_id
        return answer

    async def enter_code(self, page: Page, code: str) -> Page:
        form = next(shown for shown in page.forms if "code" in shown.fields)
        return await self.visitor.press(page, form, code=code)

    async def sign_in(self, page: Page | None = None) -> Page:
        """Sign in: the page that the person was on."""
        page = page or await self.visitor.visit("/sign-in")
        form = page.form("/sign-in")
        return await self.visitor.press(page, form, address=self.address, password=self.password)

    async def registered(self) -> Page:
        """The whole way from the registration to being signed in."""
        page = await self.register()
        mail = await self.mailbox.wait(self.address)
        await self.enter_code(page, mail.code)
        return await self.sign_in()

    async def ticket(self, video: Page) -> str:
        """Press download while signed in: the ticket's address."""
        answer = await self.visitor.press_only(video, video.form("/download"))
        location = str(answer.headers.get("location", ""))
        if "/download/" not in location:
            raise PageError(f"pressing download led to {answer.status_code} {location}")
        return urljoin(self.addresses.portal, location)

    async def link_for_programs(self, video: Page) -> Page:
        """Make a link for curl, wget and aria2 to the first file: the page with lines to paste."""
        return await self.visitor.press(video, video.form("/ticket"))

    async def bearer_ticket(self, video: Page) -> str:
        """The address of a link for programs, which is shown this once."""
        shown = await self.link_for_programs(video)
        found = _BEARER_TICKET.search(shown.text)
        if found is None:
            raise PageError(f"{shown.path} ({shown.status}) shows no link: {shown.text[:300]}")
        return found[0]

    async def take(self, ticket: str, published_sha256: str) -> Taken:
        """Download in two parts, the second as a resumed request (RFC 9110 §14, `If-Range`)."""
        head = await self.visitor.get(ticket, "HEAD")
        size, etag = int(head.headers["content-length"]), head.headers.get("etag", "")
        half = size // 2
        first = await self.visitor.get(ticket, Range=f"bytes=0-{half - 1}")
        rest = await self.visitor.get(ticket, **{"Range": f"bytes={half}-", "If-Range": etag})
        for part in (first, rest):
            if part.status_code != httpx.codes.PARTIAL_CONTENT:
                raise PageError(f"a part of the file answered {part.status_code}")
        content = first.content + rest.content
        return Taken(len(content), hashlib.sha256(content).hexdigest(), published_sha256, head.headers)

    async def forget(self, page: Page) -> Page:
        """From `page`, ask for a reset: the code page."""
        sign_in = await self.visitor.visit(page.link("/sign-in"))
        asked = await self.visitor.visit(sign_in.link("/forgot"))
        return await self.visitor.press(asked, asked.form("/forgot"), address=self.address)

    async def choose_password(self, page: Page) -> Page:
        """Set a new password: the sign-in page."""
        self.password = a_password()
        form = next(shown for shown in page.forms if "password" in shown.fields)
        return await self.visitor.press(page, form, password=self.password)

    async def subscribe(self) -> Page:
        page = await self.visitor.visit("/")
        return await self.visitor.press(page, page.form("/newsletter"))

    async def newsletter_link(self) -> str:
        """Wait for the newsletter: where its link to unsubscribe leads."""
        count = 0
        while True:
            count += 1
            mail = await self.mailbox.wait(self.address, count)
            if (found := _UNSUBSCRIBE.search(mail.text)) is not None:
                return found[0]

    async def unsubscribe(self, link: str) -> Page:
        """Follow the link of the newsletter, and press. Raises `PageError` when that does not end it."""
        asked = await self.visitor.visit(link)
        done = await self.visitor.press(asked, asked.form("/newsletter/unsubscribe"))
        if "You are unsubscribed" not in done.text:
            raise PageError(f"{done.path} does not say that it is over: {done.text[:300]}")
        return done
