"""The floor, aiosmtplib alone; and what is usual, a queue in PostgreSQL that is polled each second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg
from aiosmtplib import SMTP

from benchmarks.mail.load import Deed

_CONNECTIONS = 8
_FROM = "newsreel@newsreel.example"


@asynccontextmanager
async def hand_over(port: int, mail: bytes) -> AsyncIterator[Deed]:
    """The bare hand-over of that mail, on as many open connections as the notifier has."""
    free = asyncio.Queue[SMTP]()
    async with AsyncExitStack() as stack:
        for _ in range(_CONNECTIONS):
            client = SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
            free.put_nowait(await stack.enter_async_context(client))

        async def send(to: str) -> bool:
            client = await free.get()
            try:
                await client.sendmail(_FROM, [to], mail)
            finally:
                free.put_nowait(client)
            return True

        yield send


@asynccontextmanager
async def polled_queue(pool: "asyncpg.Pool[asyncpg.Record]", send: Deed) -> AsyncIterator[Deed]:
    """A mail is a row; each second whatever is there is claimed, sent and deleted."""
    await pool.execute("CREATE TABLE polled (id bigserial PRIMARY KEY, address text NOT NULL)")

    async def insert(to: str) -> bool:
        await pool.execute("INSERT INTO polled (address) VALUES ($1)", to)
        return True

    async def poll() -> None:
        while True:
            await asyncio.sleep(1)
            async with pool.acquire() as connection, connection.transaction():
                rows = await connection.fetch("SELECT id, address FROM polled FOR UPDATE SKIP LOCKED")
                await asyncio.gather(*(send(row["address"]) for row in rows))
                await connection.execute(
                    "DELETE FROM polled WHERE id = ANY ($1)", [row["id"] for row in rows]
                )

    polling = asyncio.create_task(poll())
    try:
        yield insert
    finally:
        polling.cancel()
