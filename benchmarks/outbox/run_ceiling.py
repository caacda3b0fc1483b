"""The ceiling: the same records from memory, by the relay's own producer. Prints records a second."""

import asyncio
import sys
import time
from collections import defaultdict

import uvloop

from newsreel_runtime.outbox import OutboxRow
from newsreel_runtime.publisher.kafka_sink import KafkaSink
from newsreel_runtime.settings import Kafka


def row(number: int, topic: str) -> OutboxRow:
    """What the benchmark's table holds."""
    key = f"01a20e86-0b46-735d-b339-{number % 500:012}"
    return OutboxRow(
        seq=number,
        topic=topic,
        key=key,
        payload=b'{"n":"%0290d"}' % number,
        id=f"01a20e86-0b46-735d-b339-{number:012}",
        type="newsreel.notifier.mail.accepted.v1",
        source="/newsreel/notifier",
        specversion="1.0",
        subject=f"mail/{key}",
        time="2026-01-01T00:00:00.000000+00:00",
        contenttype="application/json",
        dataschema="urn:newsreel:schema:newsreel.notifier.mail.accepted.v1",
        traceparent=f"00-4bf92f3577b34da6a3ce929d0e0e4736-{number + 1:016x}-01",
        tracestate=None,
        waited=0.0,
    )


async def main(count: int, topic: str) -> None:
    """Rounds of 1,000, one batch a partition at a time."""
    producer = await KafkaSink.open(Kafka(), "ceiling")
    await producer.look_up(topic)
    made = [row(number, topic) for number in range(count)]
    began = time.perf_counter()
    for start in range(0, count, 1000):
        by_partition: dict[int, list[OutboxRow]] = defaultdict(list)
        for record in made[start : start + 1000]:
            by_partition[producer.partition(topic, record.key) or 0].append(record)
        await asyncio.gather(*(_send(producer, topic, number, some) for number, some in by_partition.items()))
    print(round(count / (time.perf_counter() - began)))
    await producer.close(abandon=False)


async def _send(producer: KafkaSink, topic: str, partition: int, some: list[OutboxRow]) -> None:
    while some:
        batch, packed = producer.pack(some)
        await producer.send(topic, partition, batch)
        some = some[packed:]


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), sys.argv[2]))
