"""A contestant: FastStream as its documentation has it, one message at a time.

`GROUP ACCOUNTS DOWNLOADS`. Each is a transaction with its inbox row and its effect, then acknowledged.
"""

import asyncio
import os
import sys
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker
from faststream.kafka.annotations import KafkaMessage
from faststream.security import SASLScram512
from pydantic import BaseModel

env = os.environ
group, accounts, downloads = sys.argv[1:]
broker = KafkaBroker(
    env["NEWSREEL_KAFKA_BOOTSTRAP"],
    security=SASLScram512(
        username=env["NEWSREEL_KAFKA_USER"], password=env["NEWSREEL_KAFKA_PASSWORD"], use_ssl=False
    ),
)
app = FastStream(broker)
options: Any = {"group_id": group, "auto_offset_reset": "earliest", "ack_policy": AckPolicy.ACK}


class State(BaseModel):
    """An account."""

    account_id: UUID
    status: str
    roles: tuple[str, ...]
    sessions_valid_after: datetime


class Account(BaseModel):
    """What happened to an account."""

    account: State


class Download(BaseModel):
    """What happened to a grant."""

    grant_id: UUID
    account_id: UUID
    video_id: UUID
    rendition_id: UUID
    occurred_at: datetime


@broker.subscriber(accounts, **options)
async def on_account(event: Account, message: KafkaMessage) -> None:
    await effect(str(event.account.account_id), message)


@broker.subscriber(downloads, **options)
async def on_download(event: Download, message: KafkaMessage) -> None:
    await effect(str(event.grant_id), message)


async def effect(key: str, message: KafkaMessage) -> None:
    event_id = UUID(message.headers["ce_id"])
    async with app.context.get("pool").acquire() as connection, connection.transaction():
        if await connection.fetchval(
            "INSERT INTO seen (consumer, event) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true",
            group,
            event_id,
        ):
            await connection.execute(
                "INSERT INTO effect (event, key, type) VALUES ($1, $2, $3)",
                event_id,
                key,
                message.headers["ce_type"],
            )


async def main() -> None:
    async with asyncpg.create_pool(
        host=env["NEWSREEL_POSTGRES_HOST"],
        port=int(env["NEWSREEL_POSTGRES_PORT"]),
        database=env["NEWSREEL_POSTGRES_DATABASE"],
        user=env["NEWSREEL_POSTGRES_USER"],
        password=env["NEWSREEL_POSTGRES_PASSWORD"],
    ) as pool:
        app.context.set_global("pool", pool)
        await app.run()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
