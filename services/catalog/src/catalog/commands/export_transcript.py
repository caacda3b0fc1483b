"""`newsreel catalog transcript export`: a published transcript as a file."""

import sys

from catalog.commands.published_video import published_video
from catalog.domain.video import Language
from catalog.errors import ImportRefusedError
from catalog.representations.bodies import TranscriptBody
from catalog.representations.transcript_formats import WRITERS, Ending
from catalog.store import transcripts
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.settings import Postgres


async def export_transcript(
    postgres: Postgres, reference: str, language: Language, ending: Ending | None
) -> int:
    """Print the transcript in that format, None for the API's JSON; 1 when there is none."""
    try:
        async with Database.open(postgres) as database, database.read() as sql:
            video = await published_video(sql, reference)
            found = await transcripts.find_transcript(sql, video.video_id, language)
        if found is None:
            there = ", ".join(video.transcript_languages) or "none"
            raise ImportRefusedError(f"transcripts: {reference} has {there}, and not {language}")  # noqa: TRY301 (said as the other)
    except (ImportRefusedError, OSError, *DATABASE_ERRORS) as error:
        print(f"catalog transcript export: {error}", file=sys.stderr)
        return 1
    version, transcript = found
    if ending is None:
        print(TranscriptBody.of(video.video_id, version, transcript).model_dump_json(indent=2))
    else:
        sys.stdout.write(WRITERS[ending](transcript))
    return 0
