"""SQL in an open transaction: what store functions may call, and rows that wait to share a round trip."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import asyncpg


class Row(Protocol):
    """One row of an answer: its values by position or by column name."""

    def __getitem__(self, key: int | str) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...

    def keys(self) -> Iterable[str]:
        """Column names."""

    def values(self) -> Iterable[Any]:
        """Values, in the order of the columns."""


class Sql(Protocol):
    """The five methods of an asyncpg connection that a store may use; `Tx.sql` and `Database.read` give it.

    Cursors, COPY and savepoints are left out: they would overtake the rows of `Tx.write`.
    """

    async def execute(self, sql: str, *args: object) -> str:
        """Run a statement, and return PostgreSQL's command tag."""

    async def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each of `rows`."""

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]:
        """All rows of the answer."""

    async def fetchrow(self, sql: str, *args: object) -> Row | None:
        """The first row of the answer."""

    async def fetchval(self, sql: str, *args: object) -> Any:
        """The first value of the first row of the answer; None when there is no row."""


class BufferedSql:
    """A connection whose transaction begins with the first statement.

    Each call first flushes the rows of `Tx.write`: none is overtaken.
    """

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._rows: list[tuple[str, list[tuple[object, ...]]]] = []
        self._has_begun = False

    def queue(self, sql: str, row: tuple[object, ...]) -> None:
        if not self._rows or self._rows[-1][0] != sql:
            self._rows.append((sql, []))
        self._rows[-1][1].append(row)

    async def flush(self) -> None:
        """Send the rows that wait, in their order. Those that fail stay, so that no commit can pass them."""
        while self._rows:
            await self._begin("BEGIN")
            await self._connection.executemany(*self._rows[0])
            del self._rows[0]

    async def lock(self, name: str) -> None:
        """Wait for the advisory lock of that name, and hold it until the end of the transaction.

        As the first statement it shares the round trip of BEGIN. A request of two statements takes no
        parameters, so the name travels as hexadecimal digits.
        """
        digits = name.encode().hex()
        lock = f"SELECT pg_advisory_xact_lock(hashtextextended(convert_from('\\x{digits}', 'UTF8'), 0))"
        if self._has_begun or self._rows:
            await self.execute(lock)
        else:
            await self._begin(f"BEGIN; {lock}")

    async def commit(self) -> None:
        """The end; nothing to do when no statement was sent.

        Raises `InFailedSQLTransactionError` when a statement had failed and its error was swallowed:
        PostgreSQL answers COMMIT with a rollback then, and with no error.
        """
        if self._has_begun and await self._connection.execute("COMMIT") != "COMMIT":
            raise asyncpg.InFailedSQLTransactionError("a statement had failed: nothing was committed")

    async def roll_back(self) -> None:
        """Undo all of it; nothing to do when no statement was sent, or when the connection is lost."""
        if self._has_begun and not self._connection.is_closed():
            await self._connection.execute("ROLLBACK")

    async def _begin(self, statements: str) -> None:
        if not self._has_begun:
            self._has_begun = True
            await self._connection.execute(statements)

    async def _ready(self) -> None:
        await self.flush()
        await self._begin("BEGIN")

    async def execute(self, sql: str, *args: object) -> str:
        await self._ready()
        return str(await self._connection.execute(sql, *args))

    async def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        await self._ready()
        await self._connection.executemany(sql, rows)

    async def fetch(self, sql: str, *args: object) -> list[Row]:
        await self._ready()
        return list(await self._connection.fetch(sql, *args))

    async def fetchrow(self, sql: str, *args: object) -> Row | None:
        await self._ready()
        row: Row | None = await self._connection.fetchrow(sql, *args)
        return row

    async def fetchval(self, sql: str, *args: object) -> Any:
        await self._ready()
        return await self._connection.fetchval(sql, *args)
