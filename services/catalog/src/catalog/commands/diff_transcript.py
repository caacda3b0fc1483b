"""`newsreel catalog transcript diff`: a prepared text held against what was said."""

import sys
from collections.abc import Iterator
from pathlib import Path

from catalog.commands.published_video import file_content, published_video
from catalog.domain.plain_text import printable
from catalog.domain.video import Language, Transcript
from catalog.domain.word_changes import Change, Comparison, compare_words
from catalog.errors import ImportRefusedError
from catalog.representations.said import time_code
from catalog.representations.transcript_file import read_transcript
from catalog.store import transcripts
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.settings import Postgres


async def diff_transcript(postgres: Postgres, reference: str, language: Language, file: Path) -> int:
    """Print each difference between the file, which was prepared, and the published transcript.

    As diff(1): 0 when no word differs, 1 when some do, 2 when they cannot be compared.
    """
    try:
        content = file_content(file)
        async with Database.open(postgres) as database, database.read() as sql:
            video = await published_video(sql, reference)
            found = await transcripts.find_transcript(sql, video.video_id, language)
        if found is None:
            print(f"catalog transcript diff: {reference} has no transcript in {language}", file=sys.stderr)
            return 2
        _, delivered = found
        opening = delivered.segments[0].speaker
        prepared = read_transcript(content, file.suffix, language, video.details, opening)
    except (ImportRefusedError, OSError, *DATABASE_ERRORS) as error:
        print("\n".join(f"{file}: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 2
    comparison = compare_words(
        [one.text for one in prepared.said], [segment.text for segment in delivered.segments]
    )
    print("\n".join(_lines(comparison, delivered)))
    return 1 if comparison.changes else 0


def _lines(comparison: Comparison, delivered: Transcript) -> Iterator[str]:
    for change in comparison.changes:
        segment = delivered.segments[change.segment]
        yield f"{time_code(segment.start_ms, '.')}  {segment.speaker}: {_marked(change)}"
    yield (
        f"{comparison.prepared} words prepared, {comparison.delivered} delivered, {comparison.both} in both, "
        f"{len(comparison.changes)} differences"
    )


def _marked(change: Change) -> str:
    """`… agreed to [-keep-]{+hold+} a shared …`, as git's word-diff marks words."""
    gone = f"[-{printable(change.prepared, 400)}-]" if change.prepared else ""
    new = f"{{+{printable(change.delivered, 400)}+}}" if change.delivered else ""
    return " ".join(filter(None, (change.before, gone + new, change.after)))
