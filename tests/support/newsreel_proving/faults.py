"""Each kind of fault: who is killed or cut, and how it comes back."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress

from newsreel_proving.forked_process import Role
from newsreel_proving.schedule import Step
from newsreel_proving.stage import Stage
from newsreel_testing.wait_until import until

# How often each kind comes, beside one Kafka and beside three.
ONE = {
    "writer": 24,
    "relay": 26,
    "consumer": 30,
    "postgres": 4,
    "postgres backend": 4,
    "broker": 3,
    "rebalance": 2,
    "cut": 4,
    "delay": 2,
    "silence": 2,
}
THREE = {"one of three brokers": 1}
_SILENCE = 4.0  # seconds, at most
_DELAY = 0.25  # seconds, at most
_SESSIONS = """
SELECT pid, usename FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> 'postgres'
ORDER BY pid
"""


class Faults:
    """Does the steps of a schedule."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._kinds: dict[str, Callable[[Step], Awaitable[None]]] = {
            "writer": self._writer,
            "relay": self._relay,
            "consumer": self._consumer,
            "postgres": self._postgres,
            "postgres backend": self._backend,
            "broker": self._broker,
            "rebalance": self._rebalance,
            "cut": self._cut,
            "delay": self._delay,
            "silence": self._silence,
            "one of three brokers": self._broker,
        }

    async def do(self, step: Step) -> None:
        """Wait for the moment, and do it; what was killed has begun anew when this returns."""
        await asyncio.sleep(step.after)
        await self._kinds[step.kind](step)

    async def _writer(self, step: Step) -> None:
        await self._stage.processes["writer"].kill(step.armed)

    async def _relay(self, step: Step) -> None:
        leading = await until(self._stage.leading_relay, "a relay that leads", deadline=30)
        await leading.kill(step.armed)

    async def _consumer(self, step: Step) -> None:
        names = [name for name, process in self._stage.processes.items() if process.role.does == "consume"]
        await self._stage.processes[names[int(step.chance * len(names))]].kill(step.armed)

    async def _postgres(self, _: Step) -> None:
        await self._stage.postgres.kill()
        self._stage.journal.killed("postgres", "PostgreSQL")
        await self._stage.postgres.start()

    async def _backend(self, step: Step) -> None:
        """PostgreSQL ends all sessions when one of its processes dies, and recovers."""
        found = await self._stage.ask("postgres", _SESSIONS)
        pid, name = found[int(step.chance * len(found))]
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self._stage.journal.killed("postgres backend", f"a session of {name}")

    async def _broker(self, step: Step) -> None:
        server = self._stage.kafka[int(step.chance * len(self._stage.kafka))]
        await server.kill()
        self._stage.journal.killed(step.kind, f"Kafka on {server.port}")
        if len(self._stage.kafka) == 1:
            await server.start()

    async def _rebalance(self, step: Step) -> None:
        """A third member joins the group of two, and dies with one of the others while partitions move."""
        third = await self._stage.begin(Role("identity_c", "consume", "identity"))
        await asyncio.sleep(step.chance)
        other = self._stage.processes["identity_a" if step.number % 2 else "identity_b"]
        await asyncio.gather(third.kill(), other.kill())
        await asyncio.sleep(step.after)
        await self._stage.stop("identity_c")

    async def _cut(self, _: Step) -> None:
        self._fault("connections cut", sum(proxy.cut() for proxy in self._stage.proxies))

    async def _delay(self, step: Step) -> None:
        proxy = self._stage.proxies[step.number % 2]
        self._fault("connections delayed", round(step.chance * _DELAY, 3))
        proxy.delay = step.chance * _DELAY
        await asyncio.sleep(1 + step.after)
        proxy.delay = 0.0

    async def _silence(self, step: Step) -> None:
        """Data in both directions waits; then it comes, or the connections end."""
        proxy = self._stage.proxies[step.number % 2]
        self._fault("connections silent", round(step.chance * _SILENCE, 3))
        proxy.fall_silent()
        await asyncio.sleep(step.chance * _SILENCE)
        if step.after > 0.3:
            proxy.cut()
        proxy.speak()

    def _fault(self, kind: str, amount: float) -> None:
        self._stage.journal.faults[kind] += 1
        self._stage.journal.note(f"{kind}: {amount}")
