"""Delete expired rows. The database's clock decides: a process whose clock is wrong deletes nothing early."""

from newsreel_runtime.transaction import Tx

# Table, key, and the column that says until when a row is of use.
_TABLES = (
    ("challenge", "challenge_id", "purge_after"),
    ("session", "session_id", "expires_at"),
    ("allowance", "bucket", "forget_at"),
    ("former_address", "change_id", "forget_at"),
)


async def delete(tx: Tx, limit: int) -> bool:
    """Delete up to `limit` rows of each table. True when there may be more."""
    deleted = [
        await tx.sql.execute(
            f"""
            DELETE FROM {table} WHERE {key} IN (
                SELECT {key} FROM {table} WHERE {ends} < now() LIMIT $1 FOR UPDATE SKIP LOCKED)
            """,  # noqa: S608 (constants)
            limit,
        )
        for table, key, ends in _TABLES
    ]
    return f"DELETE {limit}" in deleted
