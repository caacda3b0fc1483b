"""Made-up people with browsers and programs of their own, each in a network of its own."""

import asyncio
import random
import string
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx

from newsreel_local.journey import Addresses, Journey
from newsreel_local.mailbox_reader import CODE
from newsreel_local.stack import RunningStack
from newsreel_testing.secrecy.collecting import Collected

LANGUAGES = ("en", "fr", "uk")
_AGENTS = ("Mozilla/5.0 (X11; Linux) Firefox/145.0", "Mozilla/5.0 (iPhone) Safari/604.1", "curl/8.17")
_SYMBOLS = "!\"%&'+/<=>?@\\é߀"  # what is written differently in addresses, JSON and HTML


@dataclass(frozen=True)
class World:
    """What all people share. `places` bounds how many are under way at once."""

    stack: RunningStack
    collected: Collected
    places: asyncio.Semaphore

    @property
    def addresses(self) -> Addresses:
        origin = self.stack.ports.origin
        return Addresses(portal=origin("edge"), mailbox=origin("mailbox"))


class Person:
    """Somebody whose every choice follows from seed and number."""

    def __init__(self, world: World, seed: int, number: int, exits: AsyncExitStack) -> None:
        self.world = world
        self.chance = random.Random(f"{seed} {number}")
        self.language = self.chance.choice(LANGUAGES)
        name = self.chance.choice(("ada", "Olha", "jean-luc", "press.desk", "o_neill+video"))
        self.address = f"{name}.{self.chance.getrandbits(48):012x}@desk-{number}.example.org"
        self.password = self.a_password()
        self._network = f"127.100.{number // 250}.{number % 250 + 1}"
        self._exits = exits
        self._mails = 0

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def a_password(self) -> str:
        """One that keeps the rule of twelve characters."""
        letters = "".join(self.chance.choices(string.ascii_letters + string.digits, k=14))
        return f"aA1!{self.chance.choice(_SYMBOLS)}{letters}"

    def a_code(self) -> str:
        """Eight digits by chance."""
        return f"{self.chance.randrange(10**8):08}"

    async def program(self, **headers: str) -> httpx.AsyncClient:
        transport = httpx.AsyncHTTPTransport(local_address=self._network, retries=3)
        client = self.world.collected.client(transport=transport, headers=headers, timeout=60)
        return await self._exits.enter_async_context(client)

    async def browser(self) -> Journey:
        """A new one, that nobody has signed in with."""
        agent = self.chance.choice(_AGENTS)
        client = await self.program(**{"Accept-Language": self.language, "User-Agent": agent})
        journey = Journey(client, self.world.addresses)
        journey.address, journey.password = self.address, self.password
        return journey

    async def code(self, reader: Journey) -> str:
        """That of the next mail which has one; mails without are passed over."""
        async with asyncio.timeout(60):
            while True:
                self._mails += 1
                mail = await reader.mailbox.wait(self.address, self._mails, seconds=60)
                if CODE.search(mail.text):
                    return mail.code

    async def wait(self, seconds: float) -> None:
        """As a person who does something else; somebody else goes on meanwhile."""
        self.world.places.release()
        try:
            await asyncio.sleep(seconds)
        finally:
            await self.world.places.acquire()
