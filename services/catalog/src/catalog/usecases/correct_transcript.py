"""A transcript of a published video is added, or corrected: a new version of it and of the video."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from catalog import outbound_events
from catalog.domain.editorial import Note
from catalog.domain.revision import refuse_withdrawn
from catalog.domain.video import Transcript, Video
from catalog.errors import ImportRefusedError
from catalog.store import editorial, publication, transcripts
from catalog.usecases.index_video import index_video
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Correction:
    """What became of the transcript, and which version it is."""

    outcome: Literal["new", "revised", "unchanged"]
    version: int


async def correct_transcript(
    tx: Tx,
    video: Video,
    transcript: Transcript,
    at: datetime,
    *,
    of_version: int | None = None,
    editor: str = "import",
) -> Correction:
    """Publish the transcript in the place of the one in its language; nothing when it is the same.

    Raises `ImportRefusedError` when the video was changed since it was read or was withdrawn, when a version
    other than `of_version` is published, or for a verbatim one in a language that nobody speaks.
    """
    refuse_withdrawn(video)
    known = await transcripts.find_transcript(tx.sql, video.video_id, transcript.language)
    version, before = known or (0, None)
    if of_version is not None and of_version != version:
        raise ImportRefusedError(
            f"version: is {of_version}, and {version} is published; correct that one, or leave version out"
        )
    if transcript == before:
        return Correction("unchanged", version)
    if transcript.kind == "verbatim" and transcript.language not in video.details.spoken_languages:
        raise ImportRefusedError(f"kind: nobody speaks {transcript.language}, so this is a translation")
    languages = tuple(sorted({*video.transcript_languages, transcript.language}))
    revised = replace(video, version=video.version + 1, transcript_languages=languages)
    if not await publication.save_video(tx, revised, at):
        raise ImportRefusedError("reference: another import changed this video meanwhile; import it again")
    await transcripts.save_transcript(tx, video.video_id, version + 1, transcript)
    why = f"imported: transcript {transcript.language}"
    editorial.record(tx, revised, "revised", Note(editor, why, at))
    await index_video(tx, video.video_id)
    outbound_events.video_changed(tx, revised)
    if revised.status == "usable":
        outbound_events.transcript_published(tx, video.video_id, version + 1, transcript)
    return Correction("revised" if known else "new", version + 1)
