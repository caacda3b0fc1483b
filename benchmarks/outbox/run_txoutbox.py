"""A contestant, in the peers' environment: txoutbox, large rounds, LISTEN on."""

import asyncio
import os

import asyncpg
import uvloop
from aiokafka import AIOKafkaProducer
from txoutbox import OutboxMessage, Relay, RelayConfig
from txoutbox.adapters.postgres import PostgresStorage


async def main() -> None:
    """Until SIGTERM."""
    env = os.environ
    producer = AIOKafkaProducer(
        bootstrap_servers=env["NEWSREEL_KAFKA_BOOTSTRAP"],
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=env["NEWSREEL_KAFKA_USER"],
        sasl_plain_password=env["NEWSREEL_KAFKA_PASSWORD"],
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
    )
    await producer.start()
    pool = await asyncpg.create_pool(
        host=env["NEWSREEL_POSTGRES_HOST"],
        port=env["NEWSREEL_POSTGRES_PORT"],
        database=env["NEWSREEL_POSTGRES_DATABASE"],
        user=env["NEWSREEL_POSTGRES_USER"],
        password=env["NEWSREEL_POSTGRES_PASSWORD"],
    )
    storage = PostgresStorage(pool, notify_channel="txoutbox", delete_on_ack=True)
    await storage.create_schema()

    async def publish(message: OutboxMessage) -> None:
        headers = [(name, value.encode()) for name, value in message.headers.items()]
        key = (message.key or "").encode()
        await producer.send_and_wait(message.topic, message.payload, key=key, headers=headers)

    relay = Relay(storage, publish, config=RelayConfig(batch_size=500, concurrency=500))
    await storage.listen(relay.wake)
    await relay.run(handle_signals=True)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
