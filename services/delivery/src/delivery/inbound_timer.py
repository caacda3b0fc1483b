"""What delivery does by the clock: the audit is chained; accounts that are gone are forgotten when no token
of theirs lives."""

from datetime import timedelta

from delivery import store
from delivery.store import audit
from delivery.usecases.chain_audit import chain_audit
from newsreel_runtime.database import Database
from newsreel_runtime.timer import Timer, every

_KEPT = timedelta(minutes=10)  # twice the life of an access token
_ROWS = 1000  # of one transaction
_BATCHES = 20  # of one turn


def create_timers(database: Database) -> tuple[Timer, ...]:
    async def forget_accounts() -> None:
        for _ in range(_BATCHES):
            async with database.begin() as tx:
                if await store.forget_accounts(tx, _KEPT, _ROWS) < _ROWS:
                    return

    async def chain() -> None:
        async with database.read() as sql:
            if not await audit.is_waiting(sql):
                return
        for _ in range(_BATCHES):
            async with database.begin() as tx:
                if await chain_audit(tx, _ROWS) < _ROWS:
                    return

    return (
        every(60, "the deletion of accounts that are gone", forget_accounts),
        every(1, "the chain of the audit", chain),
    )
