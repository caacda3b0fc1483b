"""What `newsreel catalog list|show|edit|withhold|release|withdraw` print and do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from catalog.commands.published_video import published_video
from catalog.domain.editorial import Act, Note
from catalog.domain.video import Stop, Video
from catalog.errors import ImportRefusedError
from catalog.representations.editorial import EditRequest, NoteRequest, StopRequest
from catalog.representations.manifest_fields import Strict
from catalog.representations.refusal_lines import refusal
from catalog.store import editorial
from catalog.usecases.edit_video import edit_video
from catalog.usecases.release_video import release_video
from catalog.usecases.stop_video import stop_video
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.operators import confirm, opened
from newsreel_runtime.settings import Postgres

Request = TypeVar("Request", bound=Strict)


@dataclass(frozen=True)
class Said:
    """Who acts, and what the command's arguments say, as typed; texts are lists of LANGUAGE=TEXT."""

    editor: str
    body: Mapping[str, Any]


async def list_videos(settings: Postgres, status: str | None, limit: int, *, as_json: bool) -> None:
    """One line a video, the newest first."""
    async with Database.open(settings) as database, database.read() as sql:
        found = await editorial.list_all(sql, status, limit)
    for one in found:
        if as_json:
            print(json.dumps(asdict(one), default=str, ensure_ascii=False))
        else:
            title = next(iter(one.titles.values()), "")
            print(f"{one.reference}  {one.status}  version {one.version}  {one.published_at:%F}  {title}")


async def show(settings: Postgres, reference: str, *, as_json: bool) -> None:
    """The video and its history. Raises `ImportRefusedError`."""
    async with Database.open(settings) as database, database.read() as sql:
        video = await published_video(sql, reference)
        acts = await editorial.history(sql, video.video_id)
    if as_json:
        told = {**_told(video), "history": [asdict(act) for act in acts]}
        print(json.dumps(told, default=str, ensure_ascii=False))
        return
    _describe(video, acts)


async def stop(settings: Postgres, reference: str, said: Said, *, ends: bool, yes: bool) -> None:
    """Withhold the video, or withdraw it for good. Raises `ImportRefusedError`, `ServiceError`."""
    asked = _read(StopRequest, {**said.body, "note": _texts(said.body["note"], "note")})
    note = _note(said.editor, asked.why)
    async with opened(settings) as database:
        async with database.read() as sql:
            video = await published_video(sql, reference)
        print(_line(video))
        confirm("withdraw it for good", yes=yes)
        async with database.begin() as tx:
            stopped = await stop_video(
                tx,
                video.video_id,
                "withdrawn" if ends else "withheld",
                Stop(asked.reason, asked.note),
                note,
                version=video.version,
            )
    print(_line(stopped))


async def edit(settings: Postgres, reference: str, said: Said) -> None:
    """Publish other texts. Raises `ImportRefusedError`, `ServiceError`."""
    body = {
        name: _edited(name, value) if isinstance(value, list) else value for name, value in said.body.items()
    }
    asked = _read(EditRequest, body)
    note = _note(said.editor, asked.why)
    async with opened(settings) as database:
        async with database.read() as sql:
            video = await published_video(sql, reference)
        async with database.begin() as tx:
            edited = await edit_video(tx, video.video_id, asked.edit(), note, version=video.version)
    print(_line(edited) if edited != video else f"{reference}  unchanged, version {video.version}")


async def release(settings: Postgres, reference: str, said: Said) -> None:
    """Raises `ImportRefusedError`, `ServiceError`."""
    note = _note(said.editor, _read(NoteRequest, said.body).why)
    async with opened(settings) as database:
        async with database.read() as sql:
            video = await published_video(sql, reference)
        async with database.begin() as tx:
            released = await release_video(tx, video.video_id, note, version=video.version)
    print(_line(released))


def _note(editor: str, why: str) -> Note:
    if not editor:
        raise ImportRefusedError("--as: this system has no name for you; say who you are")
    return Note(editor, why, now())


def _read(shape: type[Request], said: Mapping[str, object]) -> Request:
    try:
        return shape.model_validate(dict(said))
    except ValidationError as error:
        raise refusal(error) from None


def _edited(name: str, said: Sequence[str]) -> dict[str, object]:
    """What a language's text becomes; without one it is None. Keywords stand between semicolons."""
    texts = _texts(said, name)
    if name == "keywords":
        return {
            language: tuple(word.strip() for word in text.split(";")) if text else None
            for language, text in texts.items()
        }
    return {language: text or None for language, text in texts.items()}


def _texts(said: Sequence[str], name: str) -> dict[str, str]:
    """Raises `ImportRefusedError`."""
    texts: dict[str, str] = {}
    for one in said:
        language, equals, text = one.partition("=")
        if not equals or language in texts:
            raise ImportRefusedError(f"{name}: say it as en=TEXT, once for each language")
        texts[language] = text
    return texts


def _line(video: Video) -> str:
    title = next(iter(video.details.titles.values()))
    return f"{video.details.reference}  {video.status}, version {video.version}: {title}"


def _told(video: Video) -> dict[str, Any]:
    return {
        "video_id": video.video_id,
        "reference": video.details.reference,
        "status": video.status,
        "version": video.version,
        "published_at": video.published_at,
        "titles": video.details.titles,
        "renditions": [rendition.name for rendition in video.renditions],
        "transcript_languages": video.transcript_languages,
        "stop": asdict(video.stop) if video.stop else None,
    }


def _describe(video: Video, acts: Sequence[Act]) -> None:
    print(_line(video))
    print(f"{video.video_id}, published {video.published_at:%F %T} UTC")
    languages = ", ".join(video.transcript_languages) or "none"
    print(f"{len(video.renditions)} renditions, transcripts: {languages}")
    if video.stop is not None:
        print(f"told to everybody: {video.stop.reason}")
        for language, text in video.stop.note.items():
            print(f"  {language}: {text}")
    for act in acts:
        print(f"{act.at:%F %T} UTC {act.done}, version {act.version}, by {act.editor}: {act.why}")
