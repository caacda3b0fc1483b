"""The sender: claims due mails, sees each through its SMTP conversation, and records what came of it.

Claim, deliver and record are three steps: no transaction is open while the mail server is spoken to.
"""

import asyncio
import contextvars
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from uuid import UUID

import asyncpg
from opentelemetry import context, metrics

from newsreel_runtime.clock import now
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.failpoints import fail_point
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.telemetry import context_from, span
from newsreel_runtime.wakeup import Wakeup, pause
from notifier import store
from notifier.domain.letter import Letters
from notifier.domain.mail import Kind, Mail
from notifier.outbound_smtp import SmtpPool
from notifier.usecases.claim_mail import claim_mail
from notifier.usecases.deliver_mail import deliver_mail
from notifier.usecases.forget_mail import forget_mail
from notifier.usecases.record_outcomes import Outcome, record_outcomes
from notifier.usecases.release_lost_mail import release_lost_mail

_log = logging.getLogger(__name__)
_losses = metrics.get_meter("newsreel").create_counter(
    "newsreel.mail.unknown", description="Attempts whose outcome nobody knows; the mail is sent once more."
)
_random = SystemRandom()
_IN_HAND = 50  # mails claimed and not yet recorded
_LOOK = 1.0  # seconds between looks at the queue when nobody rings: other processes queue mail too
_DRAIN = 15.0  # seconds that a stop waits for conversations under way
_SHORTEST_WAIT = 0.05  # seconds; a row that is due and locked by another sender must not make us spin
_FORGET_EACH = 3600.0  # seconds
_FORGET_AT_ONCE = 1000  # rows of one transaction
_BACKOFF = (0.1, 0.25, 0.5, 1.0, 2.0)


def _count_loss(kind: Kind, reference_id: UUID, generation: int, losses: int) -> None:
    _losses.add(1, {"newsreel.mail.kind": kind})
    known = {"kind": kind, "reference_id": str(reference_id), "generation": generation, "losses": losses}
    _log.warning("a mail's outcome is unknown", extra=known)


async def forget_regularly(database: Database, stopping: asyncio.Event) -> None:
    """Each hour, forget mails that ended long ago."""
    while not stopping.is_set():
        try:
            gone = _FORGET_AT_ONCE
            while gone == _FORGET_AT_ONCE and not stopping.is_set():
                async with database.begin() as tx:
                    gone = await forget_mail(tx, now(), _FORGET_AT_ONCE)
        except DATABASE_ERRORS as error:
            _log.warning("old mails could not be forgotten: %s", type(error).__qualname__)
        await pause(stopping, _FORGET_EACH)


class Outcomes:
    """Writes the ends of attempts: all that wait in one transaction, again until the database took it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Outcome, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def record(self, outcome: Outcome) -> None:
        """Returns when the outcome is committed."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((outcome, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all(), context=_no_trace())
        await done

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._write([outcome for outcome, _ in batch])
            except Exception as error:  # noqa: BLE001 (each waiting mail job is told of it, whatever it is)
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
                    changed = await record_outcomes(tx, outcomes, now())
            except DATABASE_ERRORS as error:
                if isinstance(error, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError):
                    raise
                _log.warning("outcomes wait for the database: %s", type(error).__qualname__)
                await asyncio.sleep(_BACKOFF[min(failures, len(_BACKOFF) - 1)])
                failures += 1
            else:
                break
        for outcome in outcomes:
            mail = outcome.mail
            if mail.mail_id not in changed:
                _log.warning("an outcome came after the lease", extra={"result": outcome.delivery.result})
            elif outcome.delivery.result == "lost":
                _count_loss(mail.kind, mail.reference_id, mail.generation, mail.losses + 1)


class MailSender:
    """The queue's worker. Any number of them may work on one queue."""

    def __init__(
        self, database: Database, smtp: SmtpPool, letters: Letters, keys: KeyRing, lease: timedelta
    ) -> None:
        self._database = database
        self._smtp = smtp
        self._letters = letters
        self._keys = keys
        self._lease = lease
        self._outcomes = Outcomes(database)
        self._wakeup = Wakeup()
        self._in_hand: dict[UUID, asyncio.Task[None]] = {}
        self._more = False
        self._look_at = 0.0
        self._failures = 0

    def wake(self) -> None:
        """Mail was queued: look now."""
        self._wakeup.wake()

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until `stopping`. Conversations under way are finished; claimed mails are given back."""
        try:
            while not stopping.is_set():
                await self._wakeup.wait(await self._turn())
        finally:
            self._smtp.drain()
            under_way = list(self._in_hand.values())
            if under_way:
                await asyncio.wait(under_way, timeout=_DRAIN)
            for task in under_way:
                task.cancel()  # its mail is sent again after the lease
            await self._smtp.close_idle(longest=0)

    async def _turn(self) -> float:
        """Claim what is due and begin to send it. Returns the seconds to wait unless somebody rings."""
        try:
            wait = await self._claim()
        except DATABASE_ERRORS as error:
            pause = _BACKOFF[min(self._failures, len(_BACKOFF) - 1)]
            self._failures += 1
            _log.warning("the mail queue is out of reach: %s", type(error).__qualname__)
            return pause
        self._failures = 0
        return wait

    async def _claim(self) -> float:
        room = _IN_HAND - len(self._in_hand)
        at = now()
        away = self._smtp.away_until()
        look = time.monotonic() >= self._look_at
        lost, claimed, due = [], [], None
        async with self._database.begin() as tx:
            if look:
                lost = await release_lost_mail(tx, at, self._in_hand.keys())
            if room > 0:
                claimed = await claim_mail(tx, at, self._lease, room, away=away is not None)
            if not claimed:
                due = await store.next_due(tx)
        for mail in lost:
            _count_loss(mail.kind, mail.reference_id, mail.generation, mail.losses)
        if claimed:
            fail_point("mail.claimed")
        self._more = len(claimed) == room
        for one in claimed:
            self._begin(one)
        if look:
            self._look_at = time.monotonic() + _LOOK
            await self._smtp.close_idle()
        return self._pause(due, away)

    def _pause(self, due: datetime | None, away: datetime | None) -> float:
        if self._more or due is None:  # a full hand rings when it is half empty
            return _LOOK
        seconds = (max(due, away or due) - now()).total_seconds()
        return min(max(seconds, _SHORTEST_WAIT), _LOOK)

    def _begin(self, mail: Mail) -> None:
        task = asyncio.create_task(self._see_through(mail), context=_no_trace())
        self._in_hand[mail.mail_id] = task
        task.add_done_callback(lambda _: self._ended(mail.mail_id))

    def _ended(self, mail_id: UUID) -> None:
        del self._in_hand[mail_id]
        if self._more and len(self._in_hand) <= _IN_HAND // 2:
            self._wakeup.wake()

    async def _see_through(self, mail: Mail) -> None:
        attributes = {"newsreel.mail.kind": mail.kind, "newsreel.mail.attempts": mail.attempts}
        try:
            with span("mail job", parent=context_from(mail.traceparent), attributes=attributes) as job:
                delivery = await deliver_mail(
                    mail, self._smtp, self._letters, self._keys, at=now(), lease=self._lease
                )
                if delivery.result == "accepted":
                    fail_point("mail.delivered")
                job.set_attribute("newsreel.mail.result", delivery.result)
                trace = context.get_current()
                await self._outcomes.record(Outcome(mail, delivery, now(), _random.random(), trace))
        except Exception:  # noqa: BLE001 (one mail's failure must not end the sender)
            _log.exception("a mail job failed; the mail is sent again after its lease")


def _no_trace() -> contextvars.Context:
    """A task's own context: whoever happened to ring must not become the parent of its spans."""
    return contextvars.Context()
