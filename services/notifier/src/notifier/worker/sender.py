"""The sender: claims due mails, sees each through its SMTP conversation, and records what came of it.

A mail that is queued in this process while a slot is free is claimed in the transaction that queues it, and
begun right after the commit: a code waits for one commit here, not for two.

Claim, deliver and record are three steps: no transaction is open during the conversation, which may take
minutes. Its lease is renewed meanwhile, so that a lease that runs out means that its sender died.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import SystemRandom

from opentelemetry import context

from newsreel_runtime.clock import now
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.failpoints import fail_point
from newsreel_runtime.stop_limits import WORK_SECONDS
from newsreel_runtime.telemetry import context_from, span
from newsreel_runtime.transaction import Tx
from newsreel_runtime.wakeup import Wakeup
from notifier.domain.mail import Mail
from notifier.outbound_smtp import SmtpPool
from notifier.store.queue import MailQueue
from notifier.usecases.deliver_mail import Write, deliver_mail
from notifier.usecases.record_outcomes import Outcome, count_loss
from notifier.worker.outcomes import BACKOFF, OutcomeWriter, no_trace

_log = logging.getLogger(__name__)
_random = SystemRandom()
_SLOTS = 50  # mails claimed and not yet recorded; for a moment twice as many, by two transactions at once
_POLL = 1.0  # seconds between queries when nobody wakes us: other processes queue mail too
_DRAIN = WORK_SECONDS - 5  # seconds that a stop waits for conversations under way
_SHORTEST_WAIT = 0.05  # seconds; a row that is due and locked by another sender must not make us spin


@dataclass
class _Claim:
    """A mail that only this process may send. `until` is a monotonic time, never after the lease's end."""

    mail: Mail
    until: float

    def holds(self) -> bool:
        return time.monotonic() < self.until


class MailSender:
    """A queue's worker. Any number of them may work on one queue."""

    def __init__(
        self, database: Database, queue: MailQueue, smtp: SmtpPool, write: Write, lease: timedelta
    ) -> None:
        self._database = database
        self._queue = queue
        self._smtp = smtp
        self._write = write
        self._lease = lease
        self._poll = min(_POLL, lease.total_seconds() / 4)
        self._outcomes = OutcomeWriter(database, queue)
        self._wakeup = Wakeup()
        self._claims: dict[asyncio.Task[None], _Claim] = {}
        self._slots = 0  # none before it runs, and none once it stops
        self._more = False
        self._poll_at = self._renew_at = 0.0
        self._failures = 0

    def wake(self) -> None:
        """Mail was queued: look now."""
        self._wakeup.wake()

    def queued(self, tx: Tx) -> None:
        """Mail is queued in `tx`: claim what there is room for before its commit, and begin it after that."""
        tx.before_commit(self._claim_before_commit)

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until `stopping`. Conversations under way are finished; what is not sent is given back."""
        self._slots = _SLOTS
        try:
            while not stopping.is_set():
                await self._wakeup.wait(await self._turn())
        finally:
            self._slots = 0
            self._smtp.drain(_DRAIN / 2)
            deadline = time.monotonic() + _DRAIN
            while self._claims and (left := deadline - time.monotonic()) > 0:
                await asyncio.wait(self._claims, timeout=min(self._poll, left))
                await self._turn()
            for task in self._claims:
                task.cancel()  # its mail is sent again when the lease has run out
            await self._smtp.close_idle(longest=0)

    async def _turn(self) -> float:
        """Claim what is due and begin to send it. Returns the seconds to wait unless somebody wakes us."""
        try:
            wait = await self._claim()
        except DATABASE_ERRORS as error:
            pause = BACKOFF[min(self._failures, len(BACKOFF) - 1)]
            self._failures += 1
            _log.warning("the mail queue cannot be read: %s", type(error).__qualname__)
            return pause
        self._failures = 0
        return wait

    async def _renew(self) -> None:
        began = time.monotonic()
        if not self._claims or began < self._renew_at:
            return
        mails = [claim.mail for claim in self._claims.values()]
        async with self._database.begin() as tx:
            renewed = await self._queue.renew_leases(tx, mails, self._lease)
        for claim in self._claims.values():
            if (claim.mail.mail_id, claim.mail.attempts) in renewed:
                claim.until = began + self._lease.total_seconds()
        self._renew_at = began + self._lease.total_seconds() / 4

    async def _claim(self) -> float:
        await self._renew()  # before the search for lost mails: these are not lost, however late we are
        began, away = time.monotonic(), self._smtp.away_until()
        poll = began >= self._poll_at
        lost, due = [], None
        async with self._database.begin() as tx:
            if poll:
                lost = await self._queue.release_lost(tx)
            if not await self._claim_in(tx):
                due = await self._queue.next_due(tx.sql)
        for mail in lost:
            count_loss(mail.kind, mail.reference_id, mail.generation, mail.losses)
        if poll:
            self._poll_at = began + self._poll
            await self._smtp.close_idle()
        return self._pause(due, away)

    async def _claim_before_commit(self, tx: Tx) -> None:
        claimed = await self._claim_in(tx)
        tx.after_commit(partial(fail_point, "mail.queued"))
        if not claimed:
            tx.after_commit(self.wake)

    async def _claim_in(self, tx: Tx) -> bool:
        """Claim what is due and has room; it is begun after the commit. Says whether there was any."""
        room = self._slots - len(self._claims)
        if room <= 0:
            self._more = True
            return False
        began, away = time.monotonic(), self._smtp.away_until() is not None
        mails = await self._queue.claim(tx, now(), self._lease, room, away=away)
        if mails:
            tx.after_commit(partial(self._begin, mails, began + self._lease.total_seconds()))
        self._more = len(mails) == room
        return bool(mails)

    def _pause(self, due: datetime | None, away: datetime | None) -> float:
        if self._more or due is None:  # all slots are taken: `_ended` wakes us when half of them are free
            return self._poll
        seconds = (max(due, away or due) - now()).total_seconds()
        return min(max(seconds, _SHORTEST_WAIT), self._poll)

    def _begin(self, mails: Sequence[Mail], until: float) -> None:
        fail_point("mail.claimed")
        for mail in mails:
            claim = _Claim(mail, until)
            task = asyncio.create_task(self._send(claim), context=no_trace())
            self._claims[task] = claim
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._claims[task]
        if self._more and len(self._claims) <= _SLOTS // 2:
            self._wakeup.wake()

    async def _send(self, claim: _Claim) -> None:
        mail = claim.mail
        attributes = {"newsreel.mail.kind": mail.kind, "newsreel.mail.attempts": mail.attempts}
        try:
            with span("mail job", parent=context_from(mail.traceparent), attributes=attributes) as job:
                attempt = await deliver_mail(mail, self._smtp, self._write, at=now(), holds=claim.holds)
                if attempt.result == "accepted":
                    fail_point("mail.delivered")
                job.set_attribute("newsreel.mail.result", attempt.result)
                trace = context.get_current()
                await self._outcomes.record(Outcome(mail, attempt, now(), _random.random(), trace))
        except Exception:  # noqa: BLE001 (one mail's failure must not end the sender)
            _log.exception("a mail job failed; the mail is sent again after its lease")
