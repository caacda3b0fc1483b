"""When a submission is a new video, a revision or nothing new; which ids and versions follow from that."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
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
    """What an import will do. `transcripts` are those to publish, each with its version.

    `changes` names what a revision changes; one that is not `is_shown` waits for its release.
    """

    outcome: Literal["new", "revised", "unchanged"]
    video_id: UUID
    version: int
    submission: Submission
    renditions: tuple[Rendition, ...]
    transcripts: tuple[tuple[int, Transcript], ...]
    changes: tuple[str, ...] = ()
    is_shown: bool = True


def decide(
    submission: Submission, known: Published | None, new_id: Callable[[], UUID], *, replace: bool = False
) -> Plan:
    """What the submission means for what is known under its reference.

    Ids are kept: the video's always, a rendition's while its name and bytes stay the same.
    Raises `ImportRefusedError` when the known video was withdrawn, when a published transcript is missing in
    the submission, or when that is another video and is not said to `replace` the known one.
    """
    if known is None:
        renditions = tuple(_rendition(media, new_id()) for media in submission.media)
        first = tuple((1, transcript) for transcript in submission.transcripts)
        return Plan("new", new_id(), 1, submission, renditions, first)
    video = known.video
    refuse_withdrawn(video)
    renditions = _renditions(submission.media, video.renditions, new_id)
    transcripts = _changed(submission.transcripts, known.transcripts)
    changes = tuple(_changes(submission, renditions, video))
    changes += tuple(f"transcript {transcript.language}" for _, transcript in transcripts)
    if not replace and _is_another(submission, video):
        raise ImportRefusedError(
            f"reference: {video.details.reference} is {_called(video.details)}, and this is "
            f"{_called(submission.details)} with none of its files ({', '.join(changes)}); "
            "give it a reference of its own, or say --replace"
        )
    return Plan(
        outcome="revised" if changes else "unchanged",
        video_id=video.video_id,
        version=video.version + (1 if changes else 0),
        submission=submission,
        renditions=renditions,
        transcripts=transcripts,
        changes=changes,
        is_shown=video.status == "usable",
    )


def refuse_withdrawn(video: Video) -> None:
    """Raises `ImportRefusedError`: what was taken back for good does not change, and does not come back."""
    if video.status == "withdrawn":
        raise ImportRefusedError(
            f"reference: {video.details.reference} was withdrawn for good; what replaces it needs another one"
        )


def _called(details: Details) -> str:
    return f"“{next(iter(details.titles.values()))}” of {details.recorded_at}"


def _is_another(submission: Submission, video: Video) -> bool:
    """New files alone may be a better encoding, new words alone a correction."""
    files = {media.sha256 for media in submission.media}
    if files & {rendition.sha256 for rendition in video.renditions}:
        return False
    new, old = submission.details, video.details
    return (new.titles, new.recorded_at, new.duration_ms) != (old.titles, old.recorded_at, old.duration_ms)


def _changes(submission: Submission, renditions: tuple[Rendition, ...], video: Video) -> Iterator[str]:
    new, old = submission.details, video.details
    yield from (
        field.name for field in fields(Details) if getattr(new, field.name) != getattr(old, field.name)
    )
    yield from (f"rendition {found.name}" for found in renditions if found not in video.renditions)
    names = {media.name for media in submission.media}
    yield from (f"no rendition {found.name}" for found in video.renditions if found.name not in names)
    if renditions != video.renditions and set(renditions) == set(video.renditions):
        yield "the order of the renditions"
    if submission.poster.sha256 != video.poster_sha256:
        yield "poster"


def _renditions(
    submitted: tuple[Media, ...], known: tuple[Rendition, ...], new_id: Callable[[], UUID]
) -> tuple[Rendition, ...]:
    """Other bytes are another rendition: a download of the old ones never mixes with the new."""
    ids = {(old.name, old.sha256): old.rendition_id for old in known}
    return tuple(_rendition(media, ids.get((media.name, media.sha256)) or new_id()) for media in submitted)


def _rendition(media: Media, rendition_id: UUID) -> Rendition:
    return Rendition(**vars(media), rendition_id=rendition_id)


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
