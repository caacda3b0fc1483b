"""`newsreel catalog transcript import`: one transcript of a published video, new or corrected."""

import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from catalog.commands.published_video import file_content, published_video
from catalog.domain.heading_choice import Doubt
from catalog.domain.plain_text import printable
from catalog.domain.video import Language, Segment, Transcript, TranscriptKind, Video
from catalog.errors import ImportRefusedError
from catalog.representations.refusal_lines import refusal
from catalog.representations.transcript_file import Incoming, read_transcript
from catalog.store import transcripts
from catalog.usecases.correct_transcript import Correction, correct_transcript
from newsreel_runtime.clock import now
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.outbox import PayloadTooLargeError
from newsreel_runtime.settings import Postgres

_MOST_DOUBTS = 50  # lines


class _RollBackError(Exception):
    """The end of a dry run's transaction."""


@dataclass(frozen=True)
class TranscriptImport:
    """What the operator said. `opening` speaks what no speaker is named for."""

    reference: str
    language: Language
    file: Path
    opening: str | None = None
    dry_run: bool = False
    despite_doubts: bool = False


async def import_transcript(postgres: Postgres, said: TranscriptImport) -> int:
    """Publish the file's transcript and print a line; 1 when it is refused, and then nothing is written."""
    try:
        content = file_content(said.file)
        async with Database.open(postgres) as database:
            async with database.read() as sql:
                video = await published_video(sql, said.reference)
                known = await transcripts.find_transcript(sql, video.video_id, said.language)
            incoming = read_transcript(content, said.file.suffix, said.language, video.details, said.opening)
            _tell(said, incoming.doubts)
            transcript = _transcript(said, incoming, video, known[1].kind if known else None)
            correction = await _record(database, video, transcript, incoming.version, dry_run=said.dry_run)
    except (ImportRefusedError, PayloadTooLargeError, ValidationError) as error:
        reason = refusal(error) if isinstance(error, ValidationError) else error
        print("\n".join(f"{said.file}: {line}" for line in str(reason).splitlines()), file=sys.stderr)
        return 1
    except (OSError, *DATABASE_ERRORS) as error:
        print(f"catalog transcript import: stopped: {error}; nothing was written", file=sys.stderr)
        return 1
    print(_line(said, transcript, correction))
    return 0


def _tell(said: TranscriptImport, doubts: tuple[Doubt, ...]) -> None:
    """Print what is doubtful. Raises `ImportRefusedError` unless the operator has seen it before."""
    print(
        "\n".join(f"{said.file}: {line}" for line in _doubtful(doubts)),
        end="\n" * bool(doubts),
        file=sys.stderr,
    )
    if doubts and not said.despite_doubts:
        raise ImportRefusedError(
            f"{len(doubts)} doubts: mend the text, or say --despite-doubts when all were taken rightly"
        )


def _doubtful(doubts: tuple[Doubt, ...]) -> Iterable[str]:
    for doubt in doubts[:_MOST_DOUBTS]:
        yield f"line {doubt.line}: “{printable(doubt.text)}” was taken for {doubt.taken_for}: {doubt.reason}"
    if len(doubts) > _MOST_DOUBTS:
        yield f"and {len(doubts) - _MOST_DOUBTS} more doubts"


def _transcript(
    said: TranscriptImport, incoming: Incoming, video: Video, known: TranscriptKind | None
) -> Transcript:
    if incoming.video_id not in (None, video.video_id):
        raise ImportRefusedError(
            f"video_id: is {incoming.video_id}, and {said.reference} is {video.video_id}"
        )
    spoken: TranscriptKind = "verbatim" if said.language in video.details.spoken_languages else "translation"
    segments = []
    for number, one in enumerate(incoming.said, 1):
        if one.start_ms is None or one.end_ms is None or one.part is None:
            raise ImportRefusedError("times: there are none in a text, and without them it is not published")
        segments.append(Segment(number, one.start_ms, one.end_ms, one.part, one.speaker, one.text))
    return Transcript(said.language, incoming.kind or known or spoken, tuple(segments))


async def _record(
    database: Database, video: Video, transcript: Transcript, of_version: int | None, *, dry_run: bool
) -> Correction:
    """Commit the transcript. A dry run writes it too and rolls back: its verdict is the import's."""
    with suppress(_RollBackError):
        async with database.begin() as tx:
            correction = await correct_transcript(tx, video, transcript, now(), of_version=of_version)
            if dry_run:
                await tx.flush()
                raise _RollBackError
    return correction


def _line(said: TranscriptImport, transcript: Transcript, correction: Correction) -> str:
    would_be = "would be " if said.dry_run and correction.outcome != "unchanged" else ""
    speakers = len({segment.speaker for segment in transcript.segments})
    what = f"{len(transcript.segments)} segments of {speakers} speakers"
    outcome = f"{would_be}{correction.outcome}, version {correction.version}"
    return f"{said.reference}  {said.language}: {outcome}: {what}"
