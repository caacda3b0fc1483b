"""Everything that delivery publishes: one function per event, into the outbox of the open transaction."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from delivery.domain.grant import Grant
from delivery.domain.recall import Recall, Taken
from newsreel_events.delivery import (
    DownloadGrantedV1,
    DownloadRedeemedV1,
    DownloadRefusedV1,
    DownloadRevokedV1,
    RecallNoticedV1,
)
from newsreel_runtime.transaction import Tx

_LANGUAGES = frozenset({"en", "fr", "uk"})


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


def recall_noticed(tx: Tx, notice_id: UUID, recall: Recall, taken: Taken, at: datetime) -> None:
    """An account that took what is recalled is to be told."""
    tx.emit(
        RecallNoticedV1(
            notice_id=notice_id,
            recall_id=recall.recall_id,
            account_id=taken.account_id,
            kind=recall.kind,
            video_id=recall.video_id,
            version=recall.version,
            rendition_ids=tuple(rendition_id for rendition_id, _ in taken.renditions),
            reference=recall.reference,
            titles=_known(recall.titles),
            note=_known(recall.withdrawal.note),
            occurred_at=at,
        )
    )


def _known(texts: Mapping[str, str]) -> dict[str, str]:
    """The catalogue may know more languages than our contract."""
    return {language: text for language, text in texts.items() if language in _LANGUAGES}


def _ids(grant: Grant) -> dict[str, UUID]:
    return {
        "grant_id": grant.grant_id,
        "account_id": grant.account_id,
        "video_id": grant.video_id,
        "rendition_id": grant.rendition_id,
    }
