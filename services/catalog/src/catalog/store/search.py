"""Looking for moments: the question becomes a tsquery (PostgreSQL, 8.11.2) over the vectors of `moment`."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from catalog.domain.search.lexemes import asked, tag
from catalog.domain.search.marks import marks
from catalog.domain.search.moment import ABOUT, Found, Hit, about
from catalog.domain.search.question import Phrase, Question
from catalog.store.moments import quoted
from newsreel_runtime.sql import Row, Sql

# A word that is everywhere is searched from the newest moment on; what has it is ranked, counted and sorted
# into facets only within the newest of these.
SAMPLE = 1000
_MOST_OF = 12  # words, of which most must be there

# The parameters are known when the statement is planned: which index is best depends on how frequent words
# are.
# A question never takes longer than this, whatever was typed.
_PREPARE = """
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),
       set_config('statement_timeout', '3000', true)
"""
_MATCHED = """
SELECT video_id, language, number, recorded_at, speaker{vector} FROM moment
WHERE ($1::tsquery IS NULL OR vector @@ $1)
  AND ($2::date IS NULL OR recorded_at >= $2)
  AND ($3::date IS NULL OR recorded_at <= $3)
  AND ($4::tsquery IS NULL
       OR video_id IN (SELECT said.video_id FROM moment AS said WHERE said.number = 0 AND said.vector @@ $4))
  AND ($5::date IS NULL OR (recorded_at, video_id, language, -number) < ($5, $6::uuid, $7::text, -$8::int))
ORDER BY recorded_at DESC, video_id DESC, language DESC, -number DESC
LIMIT $9
"""
_NEWEST = _MATCHED.format(vector="")
# First how many of the words are there, then how close together they stand.
_RANKED = f"""
WITH matched AS MATERIALIZED ({_MATCHED.format(vector=", vector")})
SELECT video_id, language, number, recorded_at, speaker,
       (SELECT count(*) FROM unnest($11::tsquery[]) AS word WHERE vector @@ word)
           + coalesce(ts_rank_cd(vector, $10::tsquery, 32), 0)::float8 AS rank
FROM matched
ORDER BY rank DESC, recorded_at DESC, video_id DESC, language DESC, number
"""  # noqa: S608 (texts of ours)
_HITS = """
SELECT video_id, asked.language, asked.number, recorded_at, reference, titles, headlines, descriptions,
       keywords, duration_ms, start_ms, end_ms, part, speaker, text
FROM unnest($1::uuid[], $2::text[], $3::int[]) WITH ORDINALITY AS asked (video_id, language, number, place)
JOIN video USING (video_id) LEFT JOIN segment USING (video_id, language, number)
WHERE video.status = 'usable' AND (asked.number = 0 OR segment.number IS NOT NULL)
ORDER BY place
"""
_JSON = ("titles", "headlines", "descriptions", "keywords")


@dataclass(frozen=True)
class Matches:
    """The first moments that answer, and how many there are, of each language and speaker, up to `SAMPLE`."""

    first: tuple[Found, ...] = ()
    count: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    speakers: Mapping[str, int] = field(default_factory=dict)


async def newest(sql: Sql, question: Question, after: Found | None, limit: int) -> Matches:
    """The moments that answer all of the question, newest first; only the first page is of all of them."""
    await sql.execute(_PREPARE)
    read = limit if after else SAMPLE + 1
    rows = await sql.fetch(_NEWEST, *_asked(question, every(question.spoken)), *_place(after), read)
    return _matches(rows, limit)


async def best(sql: Sql, question: Question, after: Found | None, limit: int) -> Matches:
    """The newest moments that answer all of the question, best first."""
    return await _ranked(sql, question, every(question.spoken), after, limit)


async def most(sql: Sql, question: Question, after: Found | None, limit: int) -> Matches:
    """The newest moments that have most of the words, best first. None for one or two words."""
    words = sorted(question.words, key=len, reverse=True)[:_MOST_OF]  # long words are rare ones
    needed = _needed(len(words))
    if needed == len(words):
        return Matches()
    some = (every((word,) for word in part) for part in combinations(words, needed))
    return await _ranked(sql, question, _any(some), after, limit)


async def find_hits(sql: Sql, found: Sequence[Found], question: Question) -> list[Hit]:
    """The moments with their words, in their order; without those that are gone meanwhile."""
    keys = [(moment.video_id, moment.language, moment.number) for moment in found]
    rows = await sql.fetch(_HITS, *map(list, zip(*keys, strict=True))) if keys else []
    return [_hit(row, question) for row in rows]


def every(spoken: Iterable[Phrase]) -> str | None:
    """The tsquery for all of these words and phrases; None when there are none."""
    return " & ".join(" <-> ".join(map(_word, phrase)) for phrase in spoken) or None


def _needed(words: int) -> int:
    """How many of so many words a moment must have, when none has them all."""
    return words - (0 if words < 3 else 1 if words < 5 else 2 if words < 8 else 3)


def _word(word: str) -> str:
    return f"({_any(map(quoted, asked(word)))})"


def _any(parts: Iterable[str | None]) -> str:
    return " | ".join(f"({part})" for part in parts if part)


def _asked(question: Question, spoken: str | None) -> tuple[object, ...]:
    """The parameters $1 to $4."""
    named = (
        _any(" & ".join(quoted(tag("speaker", word)) for word in name) for name in question.speakers),
        _any(" & ".join(quoted(tag("place", word)) for word in name) for name in question.places),
        _any(quoted(tag("language", language)) for language in question.languages),
        quoted(tag("has", "captions")) if question.captions else "",
    )
    wanted = " & ".join(f"({part})" for part in (spoken, *named) if part)
    events = _any(every((word,) for word in name) for name in question.events)
    return wanted or None, question.since, question.until, events or None


def _place(after: Found | None) -> tuple[object, ...]:
    return (after.recorded_at, after.video_id, after.language, after.number) if after else (None,) * 4


async def _ranked(
    sql: Sql, question: Question, spoken: str | None, after: Found | None, limit: int
) -> Matches:
    await sql.execute(_PREPARE)
    parts = [every((phrase,)) for phrase in question.spoken]
    rank = (_any(parts) or None, [part for part in parts if part])
    rows = await sql.fetch(_RANKED, *_asked(question, spoken), *_place(None), SAMPLE + 1, *rank)
    if after:
        rows = [row for row in rows if Found(**dict(row)).order < after.order]
    return _matches(rows, limit)


def _matches(rows: Sequence[Row], limit: int) -> Matches:
    """Most rows are only counted."""
    first = tuple(Found(**dict(row)) for row in rows[:limit])
    languages, speakers = (Counter([row[name] for row in rows[:SAMPLE]]) for name in ("language", "speaker"))
    del speakers[None]  # of what is said about a video
    return Matches(first, len(rows), languages, speakers)


def _hit(row: Row, question: Question) -> Hit:
    values: dict[str, Any] = dict(row)
    texts = {name: json.loads(values.pop(name)) for name in _JSON}
    duration = values.pop("duration_ms")
    if values["number"] == ABOUT:
        values |= {"start_ms": 0, "end_ms": duration, "text": about(texts, values["language"])}
    spoken = question.spoken
    return Hit(**values, titles=texts["titles"], marks=marks(values["text"], values["language"], spoken))
