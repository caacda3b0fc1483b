"""People at a steady rate: the next one comes when it is time, whether the last one is done or not."""

import asyncio
import itertools
import time
from collections import Counter, deque

import httpx

from newsreel_deploy.journeys.inbox import Inbox
from newsreel_deploy.journeys.person import Account, Person, a_browser
from newsreel_deploy.journeys.record import Failure, Mails, Record
from newsreel_local.visitor import PageError

_TURN = ("registers", "reads", "downloads", "reads", "signs in", "reads")
_LATEST_MAIL = 60.0  # seconds after the last registration
_QUIET = 5.0  # seconds without a mail, after which no second copy is expected


class Traffic:
    """The people of one deployment."""

    def __init__(self, portal: str, inbox: Inbox, rate: float) -> None:
        """`rate` people a second on `portal` (an origin), their mails in `inbox`."""
        self.record = Record()
        self._portal = portal
        self._inbox = inbox
        self._pause = 1 / rate
        self._accounts: deque[Account] = deque()
        self._going: set[asyncio.Task[None]] = set()

    async def run(self, end: asyncio.Event) -> None:
        """Until `end`; then the people who are about finish what they do."""
        due = asyncio.get_running_loop().time()
        for journey in itertools.cycle(_TURN):
            if end.is_set():
                break
            task = asyncio.create_task(self._one(journey))
            self._going.add(task)
            task.add_done_callback(self._going.discard)
            due += self._pause
            try:
                async with asyncio.timeout_at(due):
                    await end.wait()
            except TimeoutError:
                continue
        await asyncio.gather(*self._going)

    async def mails(self) -> Mails:
        """After `run`: which registrations got no mail, which more than one."""
        end = time.monotonic() + _LATEST_MAIL
        before: Counter[str] = Counter()
        while True:
            arrived = await self._inbox.counted()
            found = Mails.of(self.record, arrived)
            if time.monotonic() > end or (not found.lost and arrived == before):
                return found
            before = arrived
            await asyncio.sleep(_QUIET)

    async def _one(self, journey: str) -> None:
        if journey in {"signs in", "downloads"} and not self._accounts:
            journey = "registers"
        async with a_browser(self.record) as client:
            person = Person(client, self._portal, self.record)
            try:
                await self._go(person, journey)
            except (httpx.HTTPError, PageError, LookupError) as error:
                self._failed(journey, person.step, f"{type(error).__name__}: {error}")
            except TimeoutError:
                self._failed(journey, person.step, "nothing came")

    async def _go(self, person: Person, journey: str) -> None:
        match journey:
            case "reads":
                await person.read()
            case "registers":
                account = await person.register(self._inbox)
                self._accounts.append(account)
            case "signs in" | "downloads":
                self._accounts.rotate()
                await person.sign_in(self._accounts[0])
                if journey == "downloads":
                    await person.download()

    def _failed(self, journey: str, step: str, what: str) -> None:
        self.record.failures.append(Failure(time.time(), journey, step, what))
