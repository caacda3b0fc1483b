"""What delivery publishes: who may take what, that it was asked for, what is recalled. No personal data."""

from typing import Annotated, ClassVar

from pydantic import Field

from newsreel_events.catalog import Text
from newsreel_events.data import EventData
from newsreel_events.values import Id, Known, Positive, Time

DOWNLOAD = "delivery.download.v1"
RECALL = "delivery.recall.v1"


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


class RecallNoticedV1(EventData):
    """An account took files that are recalled, and is to be told: once for an account and a recall."""

    type: ClassVar[str] = "newsreel.delivery.recall.noticed.v1"
    topic: ClassVar[str] = RECALL
    notice_id: Id
    recall_id: Id
    account_id: Id
    kind: Annotated[
        str,
        Known(
            "withdrawn",
            "corrected",
            about="`withdrawn`: the catalogue took the video back for good. `corrected`: it took files of a "
            "video back that has others.",
        ),
    ]
    video_id: Id
    version: Positive = Field(description="Of the video, which took the files back.")
    rendition_ids: tuple[Id, ...] = Field(description="What the account took of it.")
    reference: str = Field(description="The video's house number.")
    titles: Text
    note: Text = Field(default_factory=dict, description="What the catalogue says of it in public.")
    occurred_at: Time

    @property
    def key(self) -> str:
        return str(self.notice_id)
