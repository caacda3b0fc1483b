"""A contestant: the relay of Newsreel in a process of its own, with spans as in production, not exported."""

import asyncio
import signal

import uvloop

from newsreel_runtime.database import Database
from newsreel_runtime.memory import set_up_garbage_collector
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.settings import Kafka, Postgres, Telemetry
from newsreel_runtime.telemetry import set_up_logs, set_up_traces


async def main() -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with Database.open(Postgres()) as database:
        await Relay(Kafka(), database, "bench").run(stopping)


if __name__ == "__main__":
    set_up_logs("bench")
    set_up_traces("bench", Telemetry())
    set_up_garbage_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
