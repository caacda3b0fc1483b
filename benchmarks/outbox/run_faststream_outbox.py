"""A contestant, in the peers' environment: faststream-outbox with 16 workers and grouped deletes."""

import asyncio
import os

import uvloop
from faststream import Context, FastStream
from faststream.kafka import KafkaBroker
from faststream.security import SASLScram512
from faststream_outbox import OutboxBroker, make_outbox_table
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import create_async_engine

env = os.environ
metadata = MetaData()
table = make_outbox_table(metadata, table_name="outbox")
engine = create_async_engine(
    f"postgresql+asyncpg://{env['NEWSREEL_POSTGRES_USER']}:{env['NEWSREEL_POSTGRES_PASSWORD']}"
    f"@{env['NEWSREEL_POSTGRES_HOST']}:{env['NEWSREEL_POSTGRES_PORT']}/{env['NEWSREEL_POSTGRES_DATABASE']}",
    pool_size=20,
)
outbox = OutboxBroker(engine, outbox_table=table)
kafka = KafkaBroker(
    env["NEWSREEL_KAFKA_BOOTSTRAP"],
    security=SASLScram512(
        username=env["NEWSREEL_KAFKA_USER"], password=env["NEWSREEL_KAFKA_PASSWORD"], use_ssl=False
    ),
    enable_idempotence=True,
    acks="all",
    linger_ms=0,
)


@outbox.subscriber("bench", max_workers=16, fetch_batch_size=500, terminal_flush_batch_size=100)
async def relay(
    body: bytes = Context("message.body"),
    headers: dict[str, str] = Context("message.headers"),  # noqa: B008
) -> None:
    """One row to Kafka, under its key."""
    await kafka.publish(
        body, topic=headers["topic"], key=headers["ce_partitionkey"].encode(), headers=headers
    )


async def main() -> None:
    """Until SIGTERM."""
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    await kafka.connect()
    await FastStream(outbox).run()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
