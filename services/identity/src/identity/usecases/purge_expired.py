"""What is over is deleted: challenges with their addresses, sessions, limits."""

from datetime import datetime

from identity.store import allowances, challenges, sessions
from newsreel_runtime.transaction import Tx

BATCH = 1000  # rows of each table in one transaction


async def purge_expired(tx: Tx, at: datetime) -> bool:
    """Delete a batch of each; whether more may be there."""
    deleted = [await purge(tx, at, BATCH) for purge in (challenges.purge, sessions.purge, allowances.purge)]
    return max(deleted) == BATCH
