"""From the text of a manifest to a submission of the domain."""

import json
from collections import Counter
from collections.abc import Iterator

from pydantic import ValidationError

from catalog.domain.revision import Submission
from catalog.domain.video import Details, Media, Person, Segment, Shot, StoredFile, Transcript
from catalog.errors import ImportRefusedError
from catalog.representations.manifest import FilePart, Manifest, RenditionPart, TranscriptPart
from catalog.representations.manifest_rules import broken_rules
from catalog.representations.refusal_lines import field_name, refusal


def read_manifest(text: bytes) -> Submission:
    """The submission that a manifest describes; its files are not looked at.

    Raises `ImportRefusedError` with a line per field that is not valid.
    """
    try:
        decoded = text.decode("utf-8-sig")
        broken = list(_repeated(json.loads(decoded, object_pairs_hook=tuple), ()))
        manifest = Manifest.model_validate_json(decoded)
    except UnicodeDecodeError as error:
        raise ImportRefusedError(f"manifest: is not UTF-8 at byte {error.start + 1}") from None
    except ValidationError as error:
        raise ImportRefusedError("\n".join([*broken, str(refusal(error))])) from None
    except (ValueError, RecursionError) as error:
        raise ImportRefusedError(f"manifest: is not JSON: {error}") from None
    broken += broken_rules(manifest)
    if broken:
        raise ImportRefusedError("\n".join(broken))
    return _submission(manifest)


def _repeated(part: object, place: tuple[str | int, ...]) -> Iterator[str]:
    """The names that an object has twice. An object is the tuple of its pairs here."""
    if isinstance(part, tuple):
        for name, count in Counter(name for name, _ in part).items():
            if count > 1:
                yield f"{field_name((*place, name))}: is there {count} times"
    for step, below in part if isinstance(part, tuple) else enumerate(part) if isinstance(part, list) else ():
        yield from _repeated(below, (*place, step))


def _submission(manifest: Manifest) -> Submission:
    details = Details(
        reference=manifest.reference,
        titles=manifest.titles,
        headlines=manifest.headlines,
        descriptions=manifest.descriptions,
        genre=manifest.genre,
        keywords=manifest.keywords,
        recorded_at=manifest.recorded_at,
        duration_ms=manifest.duration_ms,
        spoken_languages=manifest.spoken_languages,
        people=tuple(Person(one.name, one.role, one.organisation) for one in manifest.people),
        location=manifest.location,
        credit_line=manifest.credit_line,
        restrictions=manifest.restrictions,
        shotlist=tuple(
            Shot(one.number, one.start_ms, one.end_ms, one.kind, one.text, one.speaker)
            for one in manifest.shotlist
        ),
    )
    return Submission(
        details=details,
        media=tuple(map(_media, manifest.renditions)),
        poster=_stored(manifest.poster),
        transcripts=tuple(map(_transcript, manifest.transcripts)),
    )


def _stored(part: FilePart) -> StoredFile:
    return StoredFile(part.file, part.size_bytes, part.sha256)


def _media(part: RenditionPart) -> Media:
    return Media(
        name=part.name,
        role=part.role,
        stored=_stored(part),
        media_type=part.media_type,
        container=part.container,
        video_codec=part.video_codec,
        audio_codec=part.audio_codec,
        width=part.width,
        height=part.height,
        frame_rate=part.frame_rate,
        bit_rate=part.bit_rate,
    )


def _transcript(part: TranscriptPart) -> Transcript:
    segments = tuple(
        Segment(one.number, one.start_ms, one.end_ms, one.part, one.speaker, one.text)
        for one in part.segments
    )
    return Transcript(part.language, part.kind, segments)
