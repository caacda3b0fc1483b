"""What delivery publishes: who may take what, and that it was asked for. Ids only."""

from typing import Annotated, ClassVar

from newsreel_events.data import EventData
from newsreel_events.values import Id, Known, Time

DOWNLOAD = "delivery.download.v1"


class _Download(EventData):
    topic: ClassVar[str] = DOWNLOAD
    grant_id: Id
    account_id: Id
    video_id: Id
    rendition_id: Id
    occurred_at: Time

    @property
    def key(self) -> str:
        return str(self.grant_id)


class DownloadGrantedV1(_Download):
    """An account may take a rendition from now on."""

    type: ClassVar[str] = "newsreel.delivery.download.granted.v1"


class DownloadRedeemedV1(_Download):
    """The ticket was followed to the bytes; said once in the life of a URL, and for each version taken."""

    type: ClassVar[str] = "newsreel.delivery.download.redeemed.v1"


class DownloadRevokedV1(_Download):
    """The grant was taken back for good: its ticket and its signed URLs give nothing from now on."""

    type: ClassVar[str] = "newsreel.delivery.download.revoked.v1"
    reason: Annotated[str, Known("by-account", about="`by-account`: the account itself did it.")]


class DownloadRefusedV1(_Download):
    """A ticket or a signed URL of the grant gave nothing; said once an hour for a grant and a reason."""

    type: ClassVar[str] = "newsreel.delivery.download.refused.v1"
    reason: Annotated[
        str,
        Known(
            "revoked",
            "withdrawn",
            "suspended",
            "expired",
            "withheld",
            about="`revoked`: the grant was taken back. `withdrawn`: the catalogue took the file back. "
            "`withheld`: it stopped the video for now. "
            "`suspended`: the account may not act. `expired`: the address was good once.",
        ),
    ]
