"""What is over is deleted: challenges with their addresses, sessions, limits."""

from identity.store import allowances, challenges, sessions
from newsreel_runtime.transaction import Tx

BATCH = 1000  # rows of each table in one transaction


async def purge_expired(tx: Tx) -> bool:
    """Delete a batch of each, by the database's clock; whether more may be there."""
    deleted = [await purge(tx, BATCH) for purge in (challenges.purge, sessions.purge, allowances.purge)]
    return max(deleted) == BATCH
