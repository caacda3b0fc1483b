"""The ceiling: aiokafka's `getmany` and nothing else. `COUNT TOPIC…`; prints records a second."""

import asyncio
import sys
import time

import uvloop
from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.stage import PARTITIONS
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka


async def main(count: int, topics: list[str]) -> None:
    consumer = AIOKafkaConsumer(**connection_options(Kafka()))
    await consumer.start()
    try:
        parts = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        consumer.assign(parts)
        await consumer.seek_to_beginning(*parts)
        read, began = 0, time.perf_counter()
        while read < count:
            read += sum(map(len, (await consumer.getmany(timeout_ms=1000)).values()))
        print(round(read / (time.perf_counter() - began)))
    finally:
        await consumer.stop()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(int(sys.argv[1]), sys.argv[2:]))
