"""Writes events at a fixed rate and notes when: `number began committed` (ns) a line.

Up to 200/s each is a transaction of its own; above, 200 transactions a second share the events: a small
machine cannot commit more, and its queue would be measured instead of the relay.

`--relay`: the relay runs in this process, as in a service. `--announce`: it runs elsewhere and is told.
"""

import argparse
import asyncio
import gc
import time
from pathlib import Path

import rows
import uvloop

from newsreel_runtime.publishing.relay import Relay
from newsreel_runtime.settings import Kafka, Postgres, Telemetry
from newsreel_runtime.telemetry import set_up_traces
from newsreel_runtime.transaction import Database


async def main(arguments: argparse.Namespace) -> None:
    """Open loop: an event's moment does not wait for the one before."""
    sql = getattr(rows, arguments.table)
    noted: list[str] = []
    gc.collect()
    gc.freeze()  # as a service does
    async with Database.open(Postgres()) as database:
        relay = Relay(Kafka(), database, "bench")
        stopping = asyncio.Event()
        beside = relay.run if arguments.relay else relay.announce if arguments.announce else None
        task = asyncio.create_task(beside(stopping)) if beside else None

        together = max(1, arguments.rate // 200)

        async def write(number: int) -> None:
            began = time.monotonic_ns()
            async with database.begin() as tx:
                await tx.connection.execute(sql, arguments.topic, number, number + together - 1)
            committed = time.monotonic_ns()
            noted.extend(f"{one} {began} {committed}\n" for one in range(number, number + together))
            for listener in database._listeners:  # noqa: SLF001 (`emit` would make other events)
                listener()

        begin = asyncio.get_running_loop().time() + 2
        async with asyncio.TaskGroup() as group:
            for place in range(0, arguments.rate * arguments.seconds, together):
                await asyncio.sleep(begin + place / arguments.rate - asyncio.get_running_loop().time())
                group.create_task(write(arguments.first + place))
        await asyncio.sleep(2)
        stopping.set()
        if task is not None:
            await task
    Path(arguments.notes).write_text("".join(noted))  # noqa: ASYNC240 (the measurement is over)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--rate", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--notes", required=True)
    parser.add_argument("--relay", action="store_true")
    parser.add_argument("--announce", action="store_true")
    set_up_traces("bench", Telemetry())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(parser.parse_args()))
