"""A grant as its account is shown it: what was taken, and whether it can be taken again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from delivery.domain.grant import Rendition

State = Literal["live", "replaced", "revoked", "withheld", "withdrawn"]


@dataclass(frozen=True)
class Download:
    """`video_version` is the one that was last taken, or granted; `newest_version` the one published now.

    None, and empty titles: nobody knows it here, since it was published long ago, or the catalogue erased it.
    """

    grant_id: UUID
    video_id: UUID
    granted_at: datetime
    redeemed_at: datetime | None
    revoked_at: datetime | None
    video_version: int | None
    newest_version: int | None
    video_status: str | None
    titles: Mapping[str, str]
    rendition: Rendition | None

    @property
    def state(self) -> State:
        """What stands in the way of taking it again, the greatest first; `live` when nothing does.

        `withdrawn`: nothing of the video is given out; `withheld`: not now. `revoked`: a new grant gives the
        file.
        `replaced`: the video has other files now.
        """
        if self.video_status != "usable":
            return "withheld" if self.video_status == "withheld" else "withdrawn"
        if self.revoked_at is not None:
            return "revoked"
        return "live" if self.rendition is not None and self.rendition.available else "replaced"
