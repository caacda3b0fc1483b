"""A video's page is opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from newsreel_runtime.errors import ServiceError
from portal.domain.languages import best
from portal.domain.videos import Transcript, Video
from portal.outbound_http import Catalog


@dataclass(frozen=True)
class OpenedVideo:
    """The video, and its transcript in the best language that there is; None when there is none to show."""

    video: Video
    transcript: Transcript | None


async def open_video(catalog: Catalog, video_id: UUID, order: Sequence[str]) -> OpenedVideo:
    """The video with the transcript whose language comes first in `order`.

    A transcript that cannot be had leaves a page without it: the files are what people come for.
    """
    video = await catalog.video(video_id)
    language = best(video.transcript_languages, order)
    if language is None:
        return OpenedVideo(video, None)
    try:
        return OpenedVideo(video, await catalog.transcript(video_id, language))
    except ServiceError:
        return OpenedVideo(video, None)
