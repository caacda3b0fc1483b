"""Take due mails into the hands of this process alone."""

from datetime import datetime, timedelta

from newsreel_runtime.transaction import Tx
from notifier import store
from notifier.domain.mail import Mail


async def claim_mail(tx: Tx, at: datetime, lease: timedelta, limit: int, *, away: bool) -> list[Mail]:
    """Up to `limit` due mails, marked `sending` before anything is said to the mail server.

    With the server `away`, only mails whose delay nobody was told yet, and those whose time is over.
    """
    return await store.claim_mail(tx, at, lease, limit, away=away)
