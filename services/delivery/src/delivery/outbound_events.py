"""Everything that delivery publishes: one function per event, into the outbox of the open transaction."""

from datetime import datetime

from delivery.domain.grant import Grant
from newsreel_events.delivery import DownloadGrantedV1, DownloadRedeemedV1
from newsreel_runtime.transaction import Tx


def download_granted(tx: Tx, grant: Grant, at: datetime) -> None:
    """An account may take a rendition from now on."""
    tx.emit(DownloadGrantedV1(**vars(grant), occurred_at=at))


def download_redeemed(tx: Tx, grant: Grant, at: datetime) -> None:
    """A ticket was followed."""
    tx.emit(DownloadRedeemedV1(**vars(grant), occurred_at=at))
