"""The state of videos and transcripts anew, for a bus that lost it."""

from collections.abc import Sequence
from uuid import UUID

from catalog import outbound_events
from catalog.store import moments, publication, transcripts, videos
from newsreel_runtime.transaction import Tx

VIDEOS = 50  # in a batch; of transcripts, which are megabytes, those of one video


async def republish_videos(tx: Tx, after: UUID) -> Sequence[UUID]:
    """Record the state of the videos with the next ids, and return these; none at the end."""
    # Locked first and read then: what another import committed meanwhile is seen.
    ids = await publication.lock_next(tx, after, VIDEOS)
    for video_id in ids:
        video = await videos.find_video(tx.sql, video_id)
        if video is not None:
            outbound_events.video_changed(tx, video)
    return ids


async def republish_transcripts(tx: Tx, after: UUID) -> Sequence[UUID]:
    """Record all transcripts of the video with the next id, and return it; none at the end.

    Those of a video that was stopped are erased once more.
    """
    ids = await publication.lock_next(tx, after, 1)
    for video_id in ids:
        is_usable = await moments.is_public(tx.sql, video_id)
        for version, transcript in (await transcripts.find_transcripts(tx.sql, video_id)).values():
            if is_usable:
                outbound_events.transcript_published(tx, video_id, version, transcript)
            else:
                outbound_events.transcript_erased(tx, video_id, transcript.language)
    return ids
