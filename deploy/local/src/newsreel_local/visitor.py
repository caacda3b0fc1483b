"""A visitor of the pages without a browser: follows links and redirects, fills in forms, keeps cookies."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

_PATIENCE, _PAUSE = 20.0, 0.5  # seconds
_PERSON = {"Accept": "text/html,*/*;q=0.8"}  # a program is answered without pages
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class PageError(RuntimeError):
    """A page is not what the visitor expected; the message says which and what it showed."""


@dataclass
class Form:
    """A form of a page: where it goes, and its fields with the values that they have now."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Page:
    """What a visitor sees."""

    url: str
    status: int
    forms: list[Form]
    links: list[str]
    text: str
    headers: httpx.Headers

    @property
    def path(self) -> str:
        """Path and query, without the origin."""
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def form(self, action: str) -> Form:
        """The first form whose action ends like `action`. Raises `PageError`."""
        for found in self.forms:
            if urlsplit(found.action).path.endswith(action):
                return found
        raise PageError(f"{self.path} ({self.status}) has no form {action}: {self.text[:300]}")

    def link(self, part: str) -> str:
        """The first link that contains `part`. Raises `PageError`."""
        for found in self.links:
            if part in found:
                return found
        raise PageError(f"{self.path} ({self.status}) has no link with {part}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(attributes.get("action", ""), attributes.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag in {"input", "button", "select", "textarea"} and self._form is not None:
            if attributes.get("name"):
                self._form.fields[attributes["name"]] = attributes.get("value", "")
        elif tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        elif tag in {"script", "style", "head"}:
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in {"script", "style", "head"}:
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.words.append(" ".join(data.split()))


class Visitor:
    """One person with one browser, who tries again for `patience` seconds where nobody answers."""

    def __init__(self, client: httpx.AsyncClient, origin: str, patience: float = _PATIENCE) -> None:
        self.client = client
        self._patience = patience
        self.origin = origin
        self.last_trace_id = ""

    async def visit(self, path: str) -> Page:
        """Open a page and follow where it leads."""
        return await self._follow(await self.get(urljoin(self.origin, path)))

    async def press(self, page: Page, form: Form, **filled: str) -> Page:
        """Submit a form of `page` with some fields filled in, and follow where it leads."""
        return await self._follow(await self.press_only(page, form, **filled))

    async def press_only(self, page: Page, form: Form, **filled: str) -> httpx.Response:
        """Submit a form and look at the bare answer. Each press is a trace of its own, `last_trace_id`."""
        unknown = filled.keys() - form.fields.keys()
        if unknown:
            raise PageError(f"the form {form.action} has no field {', '.join(unknown)}")
        url = urljoin(page.url, form.action or page.url)
        fields = form.fields | filled
        if form.method == "get":
            return await self._patiently(lambda: self.client.get(url, params=fields))
        self.last_trace_id = secrets.token_hex(16)
        headers = _PERSON | {
            "Origin": self.origin,
            "traceparent": f"00-{self.last_trace_id}-{secrets.token_hex(8)}-01",
        }
        return await self._patiently(lambda: self.client.post(url, data=fields, headers=headers))

    async def get(self, url: str, method: str = "GET", **headers: str) -> httpx.Response:
        """The bare answer of an address."""
        return await self._patiently(lambda: self.client.request(method, url, headers=_PERSON | headers))

    async def _patiently(self, send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Again after a while when nobody is there, or when the page says so (503): as a person would."""
        end = time.monotonic() + self._patience
        while True:
            try:
                response = await send()
            except httpx.ConnectError:
                if time.monotonic() > end:
                    raise
            else:
                if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > end:
                    return response
            await asyncio.sleep(_PAUSE)

    async def _follow(self, response: httpx.Response) -> Page:
        for _ in range(10):
            if response.status_code not in _REDIRECTS:
                return _page(response)
            url = urljoin(str(response.url), response.headers["location"])
            if not url.startswith(self.origin):
                raise PageError(f"{response.url} leads away from the portal: {urlsplit(url).netloc}")
            response = await self.get(url)
        raise PageError(f"{response.url} redirects in circles")


def _page(response: httpx.Response) -> Page:
    reader = _Reader()
    reader.feed(response.text)
    return Page(
        url=str(response.url),
        status=response.status_code,
        forms=reader.forms,
        links=reader.links,
        text=" ".join(reader.words),
        headers=response.headers,
    )
