"""SQL in an open transaction: rows that may wait for others of their statement, and never be overtaken."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg


class Statements:
    """asyncpg's ways to run SQL, by their names. Each sends the rows of `Tx.write` first: none is overtaken.

    What else a connection can do (cursors, COPY, savepoints) would overtake them, and so is not here.
    """

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[str, list[tuple[object, ...]]]] = []

    def add(self, sql: str, row: tuple[object, ...]) -> None:
        """One more row, behind those that wait."""
        if not self._rows or self._rows[-1][0] != sql:
            self._rows.append((sql, []))
        self._rows[-1][1].append(row)

    async def send(self) -> None:
        """Send the rows that wait, in their order. Those that fail stay, so that no commit can pass them."""
        while self._rows:
            await self._connection.executemany(*self._rows[0])
            del self._rows[0]

    async def execute(self, sql: str, *args: object) -> str:
        await self.send()
        return str(await self._connection.execute(sql, *args))

    async def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        await self.send()
        await self._connection.executemany(sql, rows)

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        await self.send()
        return list(await self._connection.fetch(sql, *args))

    async def fetchrow(self, sql: str, *args: object) -> Any:
        await self.send()
        return await self._connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: object) -> Any:
        await self.send()
        return await self._connection.fetchval(sql, *args)
