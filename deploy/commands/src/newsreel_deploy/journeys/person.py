"""A person who tries nothing twice: what does not answer at once is a failure."""

import hashlib
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from newsreel_deploy.journeys.inbox import Inbox
from newsreel_deploy.journeys.record import Record
from newsreel_local.journey import a_password, an_address
from newsreel_local.visitor import Form, Page, PageError, Visitor

_SHA256 = re.compile(r"\b[0-9a-f]{64}\b")
_REQUEST_LIMIT = 30.0  # seconds that a browser waits here
_MAIL_LIMIT = 60.0  # seconds that a person waits for a mail


@dataclass(frozen=True)
class Account:
    """What somebody signs in with."""

    address: str
    password: str


class Person:
    """One person with a browser of their own. `step` is what they are doing just now."""

    def __init__(self, client: httpx.AsyncClient, portal: str, record: Record) -> None:
        self._visitor = Visitor(client, portal, patience=0)
        self._portal = portal
        self._record = record
        self.step = ""

    async def read(self) -> Page:
        """Open the list of videos, and the newest one."""
        self.step = "opens the list of videos"
        listed = _shown(await self._visitor.visit("/"))
        self.step = "opens a video"
        return _shown(await self._visitor.visit(listed.link("/videos/")))

    async def register(self, inbox: Inbox) -> Account:
        """Register, read the code in the mail, enter it. Raises `TimeoutError` when no mail comes."""
        account = Account(an_address(), a_password())
        self.step = "opens the registration"
        page = _shown(await self._visitor.visit("/register"))
        self.step = "presses the button"
        form = page.form("/register")
        page = _shown(
            await self._visitor.press(page, form, address=account.address, password=account.password)
        )
        form = _with_field(page, "code")
        self._record.registrations[account.address] = time.time()
        self.step = "waits for the mail"
        code = await inbox.code(account.address, _MAIL_LIMIT)
        self.step = "enters the code"
        _shown(await self._visitor.press(page, form, code=code)).link("/sign-in")
        return account

    async def sign_in(self, account: Account) -> None:
        """Sign in, and open a page that says so."""
        self.step = "opens the sign-in"
        page = _shown(await self._visitor.visit("/sign-in"))
        self.step = "signs in"
        form = page.form("/sign-in")
        page = await self._visitor.press(page, form, address=account.address, password=account.password)
        _shown(page).form("/sign-out")

    async def download(self) -> None:
        """While signed in: press download, follow the ticket, compare the checksum."""
        video = await self.read()
        published = _SHA256.search(video.text)
        self.step = "presses download"
        answer = await self._visitor.press_only(video, video.form("/download"))
        self.step = "takes the file"
        url = urljoin(self._portal, answer.headers.get("location", ""))
        if "/download/" not in url:
            raise PageError(f"pressing download led to {answer.status_code} {url}")
        answer = await self._visitor.get(url)
        if answer.is_redirect:
            answer = await self._visitor.get(urljoin(url, answer.headers["location"]))
        if answer.status_code != httpx.codes.OK:
            raise PageError(f"the file answered {answer.status_code}")
        if published is None or hashlib.sha256(answer.content).hexdigest() != published[0]:
            raise PageError(f"the file's checksum is not the published one ({len(answer.content)} bytes)")


@asynccontextmanager
async def a_browser(record: Record) -> AsyncIterator[httpx.AsyncClient]:
    """A browser whose requests are timed in `record`.

    A refused connection is tried again for 1.5 s, as a gateway in front would with another pod.
    """
    begun: dict[int, float] = {}

    async def begin(request: httpx.Request) -> None:
        begun[id(request)] = time.monotonic()

    async def end(response: httpx.Response) -> None:
        record.requests.append((time.time(), time.monotonic() - begun.pop(id(response.request))))

    async with httpx.AsyncClient(
        timeout=_REQUEST_LIMIT,
        transport=httpx.AsyncHTTPTransport(retries=3),
        event_hooks={"request": [begin], "response": [end]},
    ) as client:
        yield client


def _shown(page: Page) -> Page:
    if page.status >= httpx.codes.BAD_REQUEST:
        raise PageError(f"{page.path} answered {page.status}: {page.text[:200]}")
    return page


def _with_field(page: Page, name: str) -> Form:
    for form in page.forms:
        if name in form.fields:
            return form
    raise PageError(f"{page.path} ({page.status}) asks for no {name}: {page.text[:200]}")
