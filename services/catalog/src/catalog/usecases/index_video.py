"""What the search holds of a video is made what its tables say."""

from uuid import UUID

from catalog.domain.search.moment import about_moment, moments, source
from catalog.domain.video import Language, Video
from catalog.store import moments as index
from catalog.store import transcripts, videos
from newsreel_runtime.transaction import Tx


async def index_video(tx: Tx, video_id: UUID) -> int:
    """Index what changed, and return how many moments were written.

    Titles are indexed anew each time, a transcript only when its words, the day or the place changed. Of a
    video that is not public nothing is held.
    """
    video = await videos.find_video(tx.sql, video_id)
    if video is None or not await index.is_public(tx.sql, video_id):
        await index.remove_moments(tx, video_id)
        await index.save_indexed(tx, video_id, {})
        return 0
    known = await index.indexed_sources(tx.sql, video_id)
    versions = await transcripts.find_versions(tx.sql, video_id)
    sources = {language: source(video.details, version) for language, version in versions.items()}
    written = await _index_about(tx, video)
    for language, made_of in sources.items():
        if known.get(language) != made_of:
            written += await _index_transcript(tx, video, language)
    for language in known.keys() - sources.keys():
        await index.remove_moments(tx, video_id, language)
    await index.save_indexed(tx, video_id, sources)
    return written


async def _index_about(tx: Tx, video: Video) -> int:
    await index.remove_about(tx, video.video_id)
    details, captions = video.details, bool(video.transcript_languages)
    languages = {*details.titles, *details.headlines, *details.descriptions, *details.keywords}
    for language in sorted(languages):
        made = about_moment(details, language, captions=captions)
        await index.add_moments(tx, video.video_id, language, details.recorded_at, [made])
    return len(languages)


async def _index_transcript(tx: Tx, video: Video, language: Language) -> int:
    found = await transcripts.find_transcript(tx.sql, video.video_id, language)
    await index.remove_moments(tx, video.video_id, language)
    made = list(moments(video.details, language, found[1].segments)) if found else []
    await index.add_moments(tx, video.video_id, language, video.details.recorded_at, made)
    return len(made)
