"""A contestant: Newsreel's consuming, with spans as in production, not exported. `GROUP TOPIC…`"""

import asyncio
import signal
import sys

import uvloop

from newsreel_events import Envelope, EventData
from newsreel_events.delivery import DownloadGrantedV1, DownloadRedeemedV1
from newsreel_events.identity import AccountRegisteredV1, AccountVerifiedV1
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.memory import set_up_garbage_collector
from newsreel_runtime.settings import Kafka, Postgres, Telemetry
from newsreel_runtime.telemetry import set_up_logs, set_up_traces
from newsreel_runtime.transaction import Tx


async def effect(tx: Tx, event: EventData, envelope: Envelope) -> None:
    tx.write("INSERT INTO effect (event, key, type) VALUES ($1, $2, $3)", envelope.id, event.key, event.type)


async def forget(_: Tx, __: str) -> None:
    """No record here is a tombstone."""


async def main(group: str) -> None:
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    async with Database.open(Postgres()) as database:
        consumer = Consumer(group, Kafka(), database)
        consumer.on_tombstone(AccountRegisteredV1.topic, forget)
        for event in (AccountRegisteredV1, AccountVerifiedV1, DownloadGrantedV1, DownloadRedeemedV1):
            consumer.on(event, effect)
        await asyncio.gather(consumer.run(stopping), *(timer(stopping) for timer in consumer.timers))


if __name__ == "__main__":
    set_up_logs("bench")
    set_up_traces("bench", Telemetry())
    set_up_garbage_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1]))
