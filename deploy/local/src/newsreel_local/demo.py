"""`make demo`: a stranger's whole way, each step with its duration, ending with one trace."""

import asyncio
import contextlib
import re
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

import httpx

from newsreel_local.journey import Addresses, Journey
from newsreel_local.visitor import Page

T = TypeVar("T")
Say = Callable[[str], None]
_STRANGERS = 9
_PATIENCE = 15.0  # seconds until the last span has been exported
_LAST_SPAN, _PROCESSED = "smtp.deliver", 2  # the code at the notifier, its acceptance at identity
_SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


class DemoError(RuntimeError):
    """A step did not end as it should; the message says which and how."""


class _Steps:
    def __init__(self, say: Say) -> None:
        self._number = 0
        self._say = say

    async def __call__(self, title: str, work: Awaitable[T]) -> T:
        """Await `work`, and say what was done and how long it took."""
        self._number += 1
        began = time.perf_counter()
        try:
            done = await work
        except Exception as error:
            why = str(error) or type(error).__name__
            self._say(f"{self._number:>3}. {title} … failed: {why}")
            raise DemoError(f"step {self._number} ({title}): {why}") from error
        self._say(f"{self._number:>3}. {title:<74} {(time.perf_counter() - began) * 1000:7.1f} ms")
        return done


def _client(language: str = "en") -> httpx.AsyncClient:
    headers = {"Accept-Language": language}
    return httpx.AsyncClient(timeout=30, headers=headers, transport=httpx.AsyncHTTPTransport(retries=3))


def _require(page: Page, words: str) -> None:
    if words.casefold() not in page.text.casefold():
        raise DemoError(f"{page.path} does not say {words!r} but: {page.text[:300]}")


async def _press_to_250(addresses: Addresses) -> float:
    async with _client() as client:
        stranger = Journey(client, addresses)
        await stranger.register()
        mail = await stranger.mailbox.wait(stranger.address)
        return (mail.accepted_at - stranger.pressed_at) * 1000


def _print(line: str) -> None:
    print(line, flush=True)


async def run_demo(
    addresses: Addresses,
    say: Say = _print,
    *,
    language: str = "en",
    send_newsletter: Callable[[], Awaitable[bool]] | None = None,
) -> None:
    """Walk through everything, a line a step. Raises `DemoError`.

    `send_newsletter` sends an issue as an operator does, and says whether there was anything to send.
    """
    step = _Steps(say)
    async with AsyncExitStack() as stack:
        person = Journey(await stack.enter_async_context(_client(language)), addresses)
        video = await step("opens the list of videos, and the newest one", person.first_video())
        sha256 = _SHA256.search(video.text)
        if sha256 is None:
            raise DemoError("the page of the video publishes no checksum")
        await step("presses download without an account: is asked to sign in", person.press_download(video))
        code_page = await step("registers with an address and a password", person.register())
        mail = await step("reads the code in the mail", person.mailbox.wait(person.address))
        first = (mail.accepted_at - person.pressed_at) * 1000
        welcome = await step("enters the code", person.enter_code(code_page, mail.code))
        _require(welcome, "download")
        back = await step("signs in, and is back at that video", person.sign_in())
        if "/videos/" not in back.path:
            raise DemoError(f"signing in led to {back.path} and not back to the video")
        ticket = await step("presses download: gets a ticket", person.ticket(back))
        taken = await step("takes the file, interrupted and resumed", person.take(ticket, sha256[0]))
        if taken.sha256 != taken.published_sha256:
            raise DemoError(f"the file's sha256 is {taken.sha256}, published is {taken.published_sha256}")
        await step("subscribes to the newsletter with one press", person.subscribe())
        await step("on another day: forgets the password, asks for a code", _reset(stack, person, back))
        if send_newsletter is not None and await step(
            "the office sends the newsletter, if anything is new", send_newsletter()
        ):
            link = await step("reads it: it has a link to unsubscribe", person.newsletter_link())
            await step("follows the link and presses: is unsubscribed", person.unsubscribe(link))
        others = await step(f"{_STRANGERS} more strangers press the button", _press_in_turn(addresses))
    pressed = [first, *others]
    say(
        f"\nfrom the press of the button to the mail server's 250: first {first:.1f} ms, "
        f"median of {len(pressed)} strangers {statistics.median(pressed):.1f} ms, worst {max(pressed):.1f} ms"
    )
    say(f"file: {taken.size} bytes, sha256 {taken.sha256} as published\n")
    if addresses.traces is not None:
        say(await _trace(addresses.traces, person.trace_id))


async def _press_in_turn(addresses: Addresses) -> list[float]:
    return [await _press_to_250(addresses) for _ in range(_STRANGERS)]


async def _trace(origin: str, trace_id: str) -> str:
    """The registration as one tree, once its last span has arrived; a killed process takes some along."""
    text = ""
    with contextlib.suppress(TimeoutError, httpx.HTTPError):
        async with _client() as client, asyncio.timeout(_PATIENCE):
            while True:
                text = (await client.get(f"{origin}/traces/{trace_id}.txt")).text
                if _LAST_SPAN in text and text.count("process ") >= _PROCESSED:
                    return text
                await asyncio.sleep(0.1)
    return f"{text}\n(the trace is not complete: spans were lost with the process that made them)"


async def _reset(stack: AsyncExitStack, person: Journey, video: Page) -> Page:
    """In a fresh browser: from the video to a new password and, signed in with it, back to the video."""
    later = Journey(await stack.enter_async_context(_client()), person.addresses)
    later.address = person.address
    page = await later.visitor.visit(video.path)
    code_page = await later.forget(page)
    mail = await later.mailbox.wait(later.address, count=2)
    sign_in = await later.choose_password(await later.enter_code(code_page, mail.code))
    back = await later.sign_in(sign_in)
    if back.path.partition("?")[0] != video.path.partition("?")[0]:
        raise DemoError(f"after the reset the person is at {back.path}, not at {video.path}")
    dead = await person.visitor.visit(video.path)
    _require(dead, "sign in")
    return back
