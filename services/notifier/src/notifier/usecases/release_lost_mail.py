"""Mails whose sender died with them in hand: their outcome is unknown, and they are sent once more."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from newsreel_runtime.transaction import Tx
from notifier import store
from notifier.store import LostMail


async def release_lost_mail(tx: Tx, at: datetime, but: Collection[UUID]) -> list[LostMail]:
    """Make them due again under the same Message-ID; `but` are those that this process still sends."""
    return await store.release_lost_mail(tx, at, but)
