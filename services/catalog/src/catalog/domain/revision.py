"""When a submission is a new video, a revision or nothing new; which ids and versions follow from that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from catalog.domain.video import Details, Language, Media, Rendition, StoredFile, Transcript, Video
from catalog.errors import ImportRefusedError


@dataclass(frozen=True)
class Submission:
    """A video as the press office hands it in."""

    details: Details
    media: tuple[Media, ...]
    poster: StoredFile
    transcripts: tuple[Transcript, ...]


@dataclass(frozen=True)
class Published:
    """A video as the catalog holds it, with the version of each transcript."""

    video: Video
    transcripts: Mapping[Language, tuple[int, Transcript]]


@dataclass(frozen=True)
class Plan:
    """What an import will do. `transcripts` are those to publish, each with its version."""

    outcome: Literal["new", "revised", "unchanged"]
    video_id: UUID
    version: int
    submission: Submission
    renditions: tuple[Rendition, ...]
    transcripts: tuple[tuple[int, Transcript], ...]


def decide(submission: Submission, known: Published | None, new_id: Callable[[], UUID]) -> Plan:
    """What the submission means for what is known under its reference.

    Ids are kept: the video's always, a rendition's while its name and bytes stay the same.
    Raises `ImportRefusedError` when a published transcript is missing in the submission.
    """
    if known is None:
        renditions = tuple(Rendition(new_id(), media) for media in submission.media)
        first = tuple((1, transcript) for transcript in submission.transcripts)
        return Plan("new", new_id(), 1, submission, renditions, first)
    renditions = _renditions(submission.media, known.video.renditions, new_id)
    transcripts = _changed(submission.transcripts, known.transcripts)
    same = not transcripts and _is_same(submission, renditions, known.video)
    return Plan(
        outcome="unchanged" if same else "revised",
        video_id=known.video.video_id,
        version=known.video.version + (0 if same else 1),
        submission=submission,
        renditions=renditions,
        transcripts=transcripts,
    )


def _is_same(submission: Submission, renditions: tuple[Rendition, ...], video: Video) -> bool:
    submitted = (submission.details, renditions, submission.poster.sha256)
    return submitted == (video.details, video.renditions, video.poster_sha256)


def _renditions(
    submitted: tuple[Media, ...], known: tuple[Rendition, ...], new_id: Callable[[], UUID]
) -> tuple[Rendition, ...]:
    """Other bytes are another rendition: a download of the old ones never mixes with the new."""
    ids = {(one.media.name, one.media.stored): one.rendition_id for one in known}
    return tuple(Rendition(ids.get((media.name, media.stored)) or new_id(), media) for media in submitted)


def _changed(
    submitted: tuple[Transcript, ...], known: Mapping[Language, tuple[int, Transcript]]
) -> tuple[tuple[int, Transcript], ...]:
    missing = sorted(set(known) - {transcript.language for transcript in submitted})
    if missing:
        raise ImportRefusedError(
            f"transcripts: {', '.join(missing)} was published and is missing; it cannot be taken back"
        )
    changed = []
    for transcript in submitted:
        version, before = known.get(transcript.language, (0, None))
        if transcript != before:
            changed.append((version + 1, transcript))
    return tuple(changed)
