"""The queue does not grow for ever: mails that ended long ago are forgotten."""

from datetime import datetime, timedelta

from newsreel_runtime.transaction import Tx
from notifier import store

KEPT = timedelta(days=30)  # longer than anything could still be replayed: a doubled event must find its row


async def forget_mail(tx: Tx, at: datetime, limit: int) -> int:
    """Delete up to `limit` of them; says how many there were."""
    return await store.forget_mail(tx, at - KEPT, limit)
