"""A group-commit writer: the outcomes that wait are written in one transaction."""

import asyncio
import contextvars
import logging
from collections.abc import Sequence

import asyncpg

from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.failpoints import fail_point
from notifier.store.queue import MailQueue
from notifier.usecases.record_outcomes import Outcome, count_loss, record_outcomes

_log = logging.getLogger(__name__)
BACKOFF = (0.1, 0.25, 0.5, 1.0, 2.0)  # seconds between tries while the database is away


def no_trace() -> contextvars.Context:
    """A context of its own for a task: whoever woke it must not become the parent of its spans."""
    return contextvars.Context()


class OutcomeWriter:
    """Retries each transaction until the database took it."""

    def __init__(self, database: Database, queue: MailQueue) -> None:
        self._database = database
        self._queue = queue
        self._waiting: list[tuple[Outcome, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def record(self, outcome: Outcome) -> None:
        """Returns when the outcome is committed."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all(), context=no_trace())
        await done

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._write([outcome for outcome, _ in batch])
            except Exception as error:  # noqa: BLE001 (each waiting mail job gets it, whatever it is)
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)

    async def _write(self, outcomes: Sequence[Outcome]) -> None:
        failures = 0
        while True:
            try:
                async with self._database.begin() as tx:
                    changed = await record_outcomes(tx, self._queue, outcomes)
            except DATABASE_ERRORS as error:
                if isinstance(error, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError):
                    raise
                _log.warning("delivery results wait for the database: %s", type(error).__qualname__)
                await asyncio.sleep(BACKOFF[min(failures, len(BACKOFF) - 1)])
                failures += 1
            else:
                break
        fail_point("mail.recorded")
        for outcome in outcomes:
            mail, result = outcome.mail, outcome.attempt.result
            if mail.mail_id not in changed:
                _log.warning(
                    "delivery result discarded: the lease on this mail had expired", extra={"result": result}
                )
            elif result == "lost":
                count_loss(mail.kind, mail.reference_id, mail.generation, mail.losses + 1)
