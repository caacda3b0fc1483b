"""The order of a start: as much at the same time as there is, each part as soon as what it needs is there."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from newsreel_local import bus, databases, programs
from newsreel_local.environment import Layout
from newsreel_local.health import until_ready
from newsreel_local.ports import holder
from newsreel_local.process import StartError
from newsreel_local.sample_videos import SampleVideos
from newsreel_local.supervisor import Say, Supervisor

_DEADLINE = 120.0  # seconds for all services to become ready


def check_ports(layout: Layout) -> None:
    """Raises `StartError` when somebody else holds a port that is needed."""
    elsewhere = {"postgres": layout.external_postgres, "kafka": layout.external_kafka}
    elsewhere["kafka_controller"] = layout.external_kafka
    for part, port in layout.ports.taken():
        if not elsewhere.get(part):
            raise StartError(
                f"port {port} (for {part}) is held by {holder(port)}: "
                "stop that, or choose other ports with NEWSREEL_PORT_BASE, as in "
                f"`NEWSREEL_PORT_BASE={layout.ports.base + 100} make up`"
            )


async def at_once(*steps: Coroutine[Any, Any, None]) -> None:
    """Run the steps together; the first that fails ends the others and is raised by itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(step)
    except* StartError as errors:
        first: BaseException = errors
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None


class Startup:
    """One start of one stack."""

    def __init__(self, layout: Layout, supervisor: Supervisor, say: Say) -> None:
        self._layout = layout
        self._supervisor = supervisor
        self._say = say
        self._schema, self._topics = asyncio.Event(), asyncio.Event()

    async def run(self) -> None:
        """Everything, until all services are ready. Raises `StartError`; what was started then still runs."""
        starting = asyncio.create_task(
            at_once(self._bus(), self._databases(), self._processes(), self._samples())
        )
        try:
            await asyncio.wait([starting, self._supervisor.failed], return_when=asyncio.FIRST_COMPLETED)
            if self._supervisor.failed.done():
                self._supervisor.failed.result()
            await starting
        finally:
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
        self._supervisor.settle()

    async def _databases(self) -> None:
        current = databases.are_current(self._layout)
        if current:
            self._schema.set()  # while a service is still importing, PostgreSQL is there
        if not self._layout.external_postgres:
            await self._supervisor.start(programs.postgres(self._layout))
        applied = 0 if current else await databases.prepare(self._layout)
        self._say("postgres", f"accepts connections, {applied} migrations applied")
        self._schema.set()

    async def _bus(self) -> None:
        known = bus.is_known(self._layout)
        if known:
            self._topics.set()  # there as soon as Kafka is; services wait for Kafka by themselves
        if not self._layout.external_kafka:
            await self._supervisor.start(programs.kafka(self._layout, self._say))
        made = bus.Prepared() if known else await bus.prepare(self._layout)
        self._say("kafka", f"listens, {made.topics} topics created, {made.acls} ACLs changed")
        self._topics.set()

    async def _processes(self) -> None:
        await asyncio.gather(self._schema.wait(), self._topics.wait())
        commands = programs.commands(self._layout)
        for name, command in commands.items():
            await self._supervisor.start(programs.program(name, command))
        try:
            async with asyncio.timeout(_DEADLINE):
                await asyncio.gather(*map(self._ready, commands))
        except TimeoutError as error:
            logs = self._layout.local.root / "logs"
            raise StartError(f"not all services are ready after {_DEADLINE:.0f} s, see {logs}") from error

    async def _ready(self, name: str) -> None:
        await until_ready(self._layout.ports[name])
        self._say(name, "is ready")

    async def _samples(self) -> None:
        samples = SampleVideos(self._layout)
        if samples.imported:
            return
        await samples.make()
        self._say("samples", "made: six short videos")
        await self._schema.wait()
        await samples.bring_in()
        self._say("samples", "imported into the catalogue")
