"""`newsreel catalog transcript import`: one transcript of a published video, new or corrected."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from catalog.commands.published_video import file_content, published_video
from catalog.domain.heading_choice import Doubt
from catalog.domain.plain_text import printable
from catalog.domain.video import Language, Transcript, TranscriptKind, Video
from catalog.errors import ImportRefusedError
from catalog.representations.captions_file import timed_by
from catalog.representations.refusal_lines import refusal
from catalog.representations.transcript_file import Incoming, read_transcript
from catalog.store import transcripts
from catalog.usecases.correct_transcript import Correction, correct_transcript
from newsreel_runtime.clock import now
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.operators import opened
from newsreel_runtime.outbox import PayloadTooLargeError
from newsreel_runtime.settings import Postgres

_MOST_DOUBTS = 50  # lines


class _RollBackError(Exception):
    """The end of a dry run's transaction."""


@dataclass(frozen=True)
class TranscriptImport:
    """What the operator said. `opening` speaks what no speaker is named for; `captions` time a text."""

    reference: str
    language: Language
    file: Path
    opening: str | None = None
    captions: Path | None = None
    dry_run: bool = False
    despite_doubts: bool = False
    editor: str = "import"


async def import_transcript(postgres: Postgres, said: TranscriptImport) -> int:
    """Publish the file's transcript and print a line; 1 when it is refused, and then nothing is written."""
    try:
        content = file_content(said.file)
        async with opened(postgres) as database:
            async with database.read() as sql:
                video = await published_video(sql, said.reference)
                known = await transcripts.find_transcript(sql, video.video_id, said.language)
            incoming = read_transcript(content, said.file.suffix, said.language, video.details, said.opening)
            _tell(said, [_words(doubt) for doubt in incoming.doubts])
            incoming, unsure = _timed(said, incoming, video)
            _tell(said, unsure)
            _stop(said, len(incoming.doubts) + len(unsure))
            transcript = _transcript(said, incoming, video, known[1].kind if known else None)
            correction = await _record(database, video, transcript, incoming.version, said)
    except (ImportRefusedError, PayloadTooLargeError, ValidationError) as error:
        reason = refusal(error) if isinstance(error, ValidationError) else error
        print("\n".join(f"{said.file}: {line}" for line in str(reason).splitlines()), file=sys.stderr)
        return 1
    except (OSError, *DATABASE_ERRORS) as error:
        print(f"catalog transcript import: stopped: {error}; nothing was written", file=sys.stderr)
        return 1
    print(_line(said, transcript, correction))
    return 0


def _timed(said: TranscriptImport, incoming: Incoming, video: Video) -> tuple[Incoming, list[str]]:
    """The same with times for a text that has none, and what is not sure of them."""
    has_times = all(one.start_ms is not None for one in incoming.said)
    if said.captions is None:
        if not has_times:
            raise ImportRefusedError(
                "times: a text has none; say --captions with timed ones of the same speech"
            )
        return incoming, []
    if has_times:
        raise ImportRefusedError("captions: the file has times of its own; leave --captions out")
    captions = file_content(said.captions)
    timed, unsure = timed_by(incoming.said, captions, said.captions.suffix, video.details.duration_ms)
    return replace(incoming, said=timed), unsure


def _tell(said: TranscriptImport, doubts: Sequence[str]) -> None:
    for doubt in doubts[:_MOST_DOUBTS]:
        print(f"{said.file}: {doubt}", file=sys.stderr)
    if len(doubts) > _MOST_DOUBTS:
        print(f"{said.file}: and {len(doubts) - _MOST_DOUBTS} more doubts", file=sys.stderr)


def _stop(said: TranscriptImport, doubts: int) -> None:
    """Raises `ImportRefusedError` unless the operator has seen the doubts before."""
    if doubts and not said.despite_doubts:
        raise ImportRefusedError(
            f"{doubts} doubts: mend the text, or say --despite-doubts when all were taken rightly"
        )


def _words(doubt: Doubt) -> str:
    return f"line {doubt.line}: “{printable(doubt.text)}” was taken for {doubt.taken_for}: {doubt.reason}"


def _transcript(
    said: TranscriptImport, incoming: Incoming, video: Video, known: TranscriptKind | None
) -> Transcript:
    if incoming.video_id not in (None, video.video_id):
        raise ImportRefusedError(
            f"video_id: is {incoming.video_id}, and {said.reference} is {video.video_id}"
        )
    spoken: TranscriptKind = "verbatim" if said.language in video.details.spoken_languages else "translation"
    segments = tuple(one.segment(number) for number, one in enumerate(incoming.said, 1))
    return Transcript(said.language, incoming.kind or known or spoken, segments)


async def _record(
    database: Database, video: Video, transcript: Transcript, of_version: int | None, said: TranscriptImport
) -> Correction:
    """Commit the transcript. A dry run writes it too and rolls back: its verdict is the import's."""
    with suppress(_RollBackError):
        async with database.begin() as tx:
            correction = await correct_transcript(
                tx, video, transcript, now(), of_version=of_version, editor=said.editor
            )
            if said.dry_run:
                await tx.flush()
                raise _RollBackError
    return correction


def _line(said: TranscriptImport, transcript: Transcript, correction: Correction) -> str:
    would_be = "would be " if said.dry_run and correction.outcome != "unchanged" else ""
    speakers = len({segment.speaker for segment in transcript.segments})
    what = f"{len(transcript.segments)} segments of {speakers} speakers"
    outcome = f"{would_be}{correction.outcome}, version {correction.version}"
    return f"{said.reference}  {said.language}: {outcome}: {what}"
