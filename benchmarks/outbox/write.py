"""Writes events at a fixed rate and notes when: `number began committed` (ns) a line.

Up to 200/s each is a transaction of its own; above, 200 transactions a second share the events: a small
machine cannot commit more, and its queue would be measured instead of the relay.

`--relay`: the relay runs in this process, as in a service. `--announce`: it runs elsewhere and is told.
`--memory`: no database and no relay; each event is sent at its moment, by the relay's own producer.
"""

import argparse
import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import rows
import run_ceiling
import uvloop

from newsreel_runtime.database import Database
from newsreel_runtime.memory import set_up_garbage_collector
from newsreel_runtime.outbox import OutboxRow
from newsreel_runtime.publisher.kafka_sink import KafkaSink
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka, Postgres, Telemetry
from newsreel_runtime.telemetry import set_up_traces

Commit = Callable[[int, int], Awaitable[int]]  # the first and the last number → when that was committed, ns


@asynccontextmanager
async def _database(arguments: argparse.Namespace) -> AsyncIterator[Commit]:
    """Transactions of a service, and the relay beside them."""
    async with Database.open(Postgres()) as database:
        relay = Relay(Kafka(), database, "bench")
        stopping = asyncio.Event()
        beside = relay.run if arguments.relay else relay.announce if arguments.announce else None
        task = asyncio.create_task(beside(stopping)) if beside else None

        async def commit(first: int, last: int) -> int:
            async with database.begin() as tx:
                await tx.sql.execute(rows.FILL, arguments.topic, first, last)
            committed = time.monotonic_ns()
            for listener in database._listeners:  # noqa: SLF001 (`emit` would make other events)
                listener()
            return committed

        yield commit
        stopping.set()
        if task is not None:
            await task


@asynccontextmanager
async def _memory(arguments: argparse.Namespace) -> AsyncIterator[Commit]:
    """The bus alone. A partition has one batch under way, as the producer wants it."""
    producer = await KafkaSink.open(Kafka(), "ceiling")
    await producer.look_up(arguments.topic)
    free: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def send(partition: int, row: OutboxRow) -> None:
        async with free[partition]:
            batch, _ = producer.pack([row])
            await producer.send(arguments.topic, partition, batch)

    async def commit(first: int, last: int) -> int:
        begun = time.monotonic_ns()
        made = [run_ceiling.row(number, arguments.topic) for number in range(first, last + 1)]
        await asyncio.gather(*(send(producer.partition(row.topic, row.key) or 0, row) for row in made))
        return begun

    yield commit
    await producer.close(abandon=False)


async def main(arguments: argparse.Namespace) -> None:
    """Open loop: an event's moment does not wait for the one before."""
    noted: list[str] = []
    set_up_garbage_collector()
    together = max(1, arguments.rate // 200)
    async with (_memory if arguments.memory else _database)(arguments) as commit:

        async def write(number: int) -> None:
            began = time.monotonic_ns()
            last = number + together - 1
            committed = await commit(number, last)
            noted.extend(f"{written} {began} {committed}\n" for written in range(number, last + 1))

        begin = asyncio.get_running_loop().time() + 2
        async with asyncio.TaskGroup() as group:
            for place in range(0, arguments.rate * arguments.seconds, together):
                await asyncio.sleep(begin + place / arguments.rate - asyncio.get_running_loop().time())
                group.create_task(write(arguments.first + place))
        await asyncio.sleep(2)
    Path(arguments.notes).write_text("".join(noted))  # noqa: ASYNC240 (the measurement is over)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--topic", required=True)
    parser.add_argument("--rate", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--notes", required=True)
    parser.add_argument("--relay", action="store_true")
    parser.add_argument("--announce", action="store_true")
    parser.add_argument("--memory", action="store_true")
    set_up_traces("bench", Telemetry())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(parser.parse_args()))
