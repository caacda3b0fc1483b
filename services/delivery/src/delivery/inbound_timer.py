"""What delivery does by the clock: chains the audit, tells of recalls, forgets what is over for long."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

from opentelemetry import metrics

from delivery import store
from delivery.store import audit, recalls
from delivery.store.bearer_tickets import forget_bearer_tickets
from delivery.usecases.chain_audit import chain_audit
from delivery.usecases.tell_takers import tell_takers
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.timer import Timer, every
from newsreel_runtime.transaction import Tx

_KEPT = timedelta(minutes=10)  # twice the life of an access token
_TOLD = timedelta(days=30)  # for so long the address of a bearer ticket says that it has expired
_ROWS = 1000  # of one transaction
_GRANTS = 10_000  # of one transaction
_ACCOUNTS = 200  # of one transaction
_BATCHES = 20  # of one turn

_meter = metrics.get_meter("newsreel")
_audit_age = _meter.create_gauge("newsreel.audit.oldest_age", "s", "Age of what waits for the audit's chain")
_recall_age = _meter.create_gauge("newsreel.recall.oldest_age", "s", "Age of a recall that is not through")


def create_timers(database: Database) -> tuple[Timer, ...]:
    async def in_batches(work: Callable[[Tx], Awaitable[int]]) -> None:
        for _ in range(_BATCHES):
            async with database.begin() as tx:
                if await work(tx) < _ROWS:
                    return

    async def forget_accounts() -> None:
        await in_batches(lambda tx: store.forget_accounts(tx, _KEPT, _ROWS))

    async def chain() -> None:
        async with database.read() as sql:
            age = await audit.oldest_age(sql)
        _audit_age.set(age or 0.0)
        if age is None:
            return
        await in_batches(lambda tx: chain_audit(tx, _ROWS))

    async def forget_tickets() -> None:
        await in_batches(lambda tx: forget_bearer_tickets(tx, _TOLD, _ROWS))

    return (
        every(60, "the deletion of accounts that are gone", forget_accounts),
        every(1, "the chain of the audit", chain),
        every(1, "recalls", partial(_tell, database)),
        every(3600, "the deletion of bearer tickets of long ago", forget_tickets),
    )


async def _tell(database: Database) -> None:
    async with database.read() as sql:
        age = await recalls.oldest_age(sql)
    _recall_age.set(age or 0.0)
    if age is None:
        return
    for _ in range(_BATCHES):
        async with database.begin() as tx:
            if not await tell_takers(tx, now(), _GRANTS, _ACCOUNTS):
                return
