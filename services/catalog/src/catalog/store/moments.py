"""Writing what the search looks through."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from catalog.domain.search.lexemes import RULES
from catalog.domain.search.moment import Moment
from catalog.domain.video import Language
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

_PLACES = 255  # of a lexeme in a tsvector
_LAST_PLACE = 16_383

_ADD = """
INSERT INTO moment (video_id, language, number, recorded_at, speaker, vector)
SELECT $1, $2, number, $3, speaker, vector::tsvector
FROM unnest($4::int[], $5::text[], $6::text[]) AS added (number, speaker, vector)
"""
_STALE = """
SELECT video.video_id
FROM video LEFT JOIN indexed_video AS known USING (video_id)
WHERE known.video_id IS NULL OR known.version <> video.version OR known.rules < $1
"""
_INDEXED = """
INSERT INTO indexed_video (video_id, version, rules, sources)
SELECT video_id, version, $2, $3 FROM video WHERE video_id = $1
ON CONFLICT (video_id) DO UPDATE
SET version = excluded.version, rules = excluded.rules, sources = excluded.sources
"""


async def is_public(sql: Sql, video_id: UUID) -> bool:
    """Whether everybody may see the video."""
    return bool(
        await sql.fetchval("SELECT true FROM video WHERE video_id = $1 AND status = 'usable'", video_id)
    )


async def indexed_sources(sql: Sql, video_id: UUID) -> dict[Language, str]:
    """Of each language, what its moments were made of (`moment.source`)."""
    sources = await sql.fetchval("SELECT sources FROM indexed_video WHERE video_id = $1", video_id)
    found: dict[Language, str] = json.loads(sources or "{}")
    return found


async def remove_moments(tx: Tx, video_id: UUID, language: str | None = None) -> None:
    """The moments of a transcript; without a language, those of all transcripts and about the video."""
    await tx.sql.execute(
        "DELETE FROM moment WHERE video_id = $1 AND ($2::text IS NULL OR (language = $2 AND number > 0))",
        video_id,
        language,
    )


async def remove_about(tx: Tx, video_id: UUID) -> None:
    """The moments about the video, in all languages."""
    await tx.sql.execute("DELETE FROM moment WHERE video_id = $1 AND number = 0", video_id)


async def add_moments(
    tx: Tx, video_id: UUID, language: str, recorded_at: date, added: Iterable[Moment]
) -> None:
    rows = [(moment.number, moment.speaker, vector(moment.lexemes)) for moment in added]
    if rows:
        await tx.sql.execute(_ADD, video_id, language, recorded_at, *map(list, zip(*rows, strict=True)))


async def save_indexed(tx: Tx, video_id: UUID, sources: Mapping[Language, str]) -> None:
    """Note that the index has the video's present version."""
    await tx.sql.execute(_INDEXED, video_id, RULES, json.dumps(sources, ensure_ascii=False))


async def lock_stale(tx: Tx, limit: int) -> list[UUID]:
    """Videos whose moments are missing or old, none that another process works on."""
    rows = await tx.sql.fetch(f"{_STALE} LIMIT $2 FOR NO KEY UPDATE OF video SKIP LOCKED", RULES, limit)
    return [row["video_id"] for row in rows]


async def count_stale(sql: Sql) -> int:
    return int(await sql.fetchval(f"SELECT count(*) FROM ({_STALE}) AS stale", RULES))  # noqa: S608 (a text of ours)


async def make_stale(tx: Tx) -> None:
    """All moments are to be made anew; until then the search has what it has."""
    await tx.sql.execute("UPDATE indexed_video SET rules = 0, sources = '{}'")


def vector(lexemes: Mapping[str, tuple[int, ...]]) -> str:
    """A tsvector as text (PostgreSQL, 8.11.1), without the places that it cannot hold."""
    return " ".join(f"{quoted(lexeme)}{_at(places)}" for lexeme, places in lexemes.items())


def quoted(lexeme: str) -> str:
    """A lexeme as tsvector and tsquery read it."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def _at(places: tuple[int, ...]) -> str:
    kept = [str(place) for place in places[:_PLACES] if place <= _LAST_PLACE]
    return f":{','.join(kept)}" if kept else ""
