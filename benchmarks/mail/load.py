"""Requests at moments that do not depend on the answers (open loop), and what became of their mails."""

import asyncio
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

Deed = Callable[[str], Awaitable[bool]]  # asks for a mail to that address; whether it was promised


class Arrivals:
    """When the mail server took what, by recipient."""

    def __init__(self, lines: asyncio.StreamReader) -> None:
        self.at = defaultdict[str, list[int]](list)
        self._reading = asyncio.create_task(self._read(lines))

    async def _read(self, lines: asyncio.StreamReader) -> None:
        while line := await lines.readline():
            moment, _, to = line.decode().strip().partition(" ")
            self.at[to].append(int(moment))

    async def all_of(self, addresses: Sequence[str], patience: float) -> None:
        """Returns when each has a mail, or after `patience` seconds."""
        end = time.monotonic() + patience
        while time.monotonic() < end and not all(address in self.at for address in addresses):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


class Taken:
    """What a phase came to: milliseconds from the intended moment of each request to its mail's 250."""

    def __init__(self, begun: dict[str, int], promised: set[str], arrivals: Arrivals) -> None:
        self.ms = sorted((arrivals.at[to][0] - begun[to]) / 1e6 for to in promised if to in arrivals.at)
        self.refused = len(begun) - len(promised)
        self.lost = len(promised) - len(self.ms)
        self.doubled = sum(len(arrivals.at[to]) - 1 for to in promised if to in arrivals.at)

    @property
    def p50(self) -> float:
        return round(statistics.median(self.ms), 2)

    @property
    def p99(self) -> float:
        return round(self.ms[min(len(self.ms) - 1, len(self.ms) * 99 // 100)], 2)

    @property
    def last(self) -> float:
        return round(self.ms[-1], 1)


async def open_loop(
    deed: Deed, addresses: Sequence[str], arrivals: Arrivals, *, rate: float | None, patience: float = 30.0
) -> Taken:
    """One request for each address: at a random moment of its slot of 1/`rate` seconds, or all at once."""
    began = time.monotonic_ns() + 50_000_000
    slots = [(n + random.random()) / rate if rate else 0.0 for n in range(len(addresses))]  # noqa: S311
    begun = {to: began + int(slot * 1e9) for to, slot in zip(addresses, slots, strict=True)}
    promised: set[str] = set()

    async def ask(to: str) -> None:
        if await deed(to):
            promised.add(to)

    async with asyncio.TaskGroup() as group:
        for to in addresses:
            wait = (begun[to] - time.monotonic_ns()) / 1e9
            if wait > 0:
                await asyncio.sleep(wait)
            group.create_task(ask(to))
    await arrivals.all_of(list(promised), patience)
    return Taken(begun, promised, arrivals)
