"""Everything that delivery publishes: one function per event, into the outbox of the open transaction."""

from datetime import datetime
from uuid import UUID

from delivery.domain.grant import Grant
from newsreel_events.delivery import (
    DownloadGrantedV1,
    DownloadRedeemedV1,
    DownloadRefusedV1,
    DownloadRevokedV1,
)
from newsreel_runtime.transaction import Tx


def download_granted(tx: Tx, grant: Grant, at: datetime) -> None:
    """An account may take a rendition from now on."""
    tx.emit(DownloadGrantedV1(**_ids(grant), occurred_at=at))


def download_redeemed(tx: Tx, grant: Grant, at: datetime) -> None:
    """A ticket was followed."""
    tx.emit(DownloadRedeemedV1(**_ids(grant), occurred_at=at))


def download_refused(tx: Tx, grant: Grant, reason: str, at: datetime) -> None:
    """A grant gave nothing."""
    tx.emit(DownloadRefusedV1(**_ids(grant), reason=reason, occurred_at=at))


def download_revoked(tx: Tx, grant: Grant, reason: str, at: datetime) -> None:
    """A grant was taken back."""
    tx.emit(DownloadRevokedV1(**_ids(grant), reason=reason, occurred_at=at))


def _ids(grant: Grant) -> dict[str, UUID]:
    return {
        "grant_id": grant.grant_id,
        "account_id": grant.account_id,
        "video_id": grant.video_id,
        "rendition_id": grant.rendition_id,
    }
