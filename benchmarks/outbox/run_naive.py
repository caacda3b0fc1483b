"""A contestant: the loop that everybody writes first. One row, one send, one delete, one commit."""

import asyncio

import asyncpg
import uvloop

from newsreel_runtime.producer import started_producer
from newsreel_runtime.settings import Kafka, Postgres


async def main() -> None:
    """Until SIGTERM."""
    settings = Postgres()
    producer = await started_producer(Kafka(), "naive")
    connection = await asyncpg.connect(
        host=settings.host,
        port=settings.port,
        database=settings.database,
        user=settings.user,
        password=settings.password.get_secret_value(),
    )
    while True:
        async with connection.transaction():
            row = await connection.fetchrow(
                "SELECT seq, topic, key, payload, id FROM outbox ORDER BY seq LIMIT 1"
            )
            if row is not None:
                headers = [("ce_id", str(row["id"]).encode())]
                await producer.send_and_wait(
                    row["topic"], row["payload"], key=row["key"].encode(), headers=headers
                )
                await connection.execute("DELETE FROM outbox WHERE seq = $1", row["seq"])
        if row is None:
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
