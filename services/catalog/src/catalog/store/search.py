"""Looking for moments: the question becomes a tsquery (PostgreSQL, 8.11.2) over the vectors of `moment`."""

import json
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

# What a connection of the search begins with. Which index is best depends on how frequent the words are: a
# statement is planned for each question anew. None takes longer than three seconds, whatever was typed.
SESSION = {"plan_cache_mode": "force_custom_plan", "jit": "off", "statement_timeout": "3000"}
_KEY = "recorded_at, video_id, language, -number"
_ORDER = "recorded_at DESC, video_id DESC, language DESC, -number DESC"
_BEHIND = "($5, $6::uuid, $7::text, -$8::int)"
_MATCHED = f"""
SELECT video_id, language, number, recorded_at, speaker{{vector}} FROM moment
WHERE ($1::tsquery IS NULL OR vector @@ $1)
  AND ($2::date IS NULL OR recorded_at >= $2)
  AND ($3::date IS NULL OR recorded_at <= $3)
  AND ($4::tsquery IS NULL
       OR video_id IN (SELECT said.video_id FROM moment AS said WHERE said.number = 0 AND said.vector @@ $4))
  AND {{behind}}
ORDER BY {_ORDER} LIMIT $9
"""  # noqa: S608 (texts of ours)
# One statement, one round trip: a page with its words, and in its first row what was counted of all.
_ANSWER = """
WITH matched AS MATERIALIZED ({matched}),
ranked AS MATERIALIZED (SELECT video_id, language, number, recorded_at, speaker, {rank} AS rank FROM matched),
page AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY rank DESC, {order}) AS place FROM ranked
    WHERE {behind} ORDER BY place LIMIT $10),
counted AS MATERIALIZED (SELECT language, speaker FROM ranked ORDER BY rank DESC, {order} LIMIT {sample})
SELECT video_id, page.language, page.number, page.recorded_at, page.speaker, rank,
       reference, titles, headlines, descriptions, keywords, duration_ms, start_ms, end_ms, part, text,
       CASE WHEN place = 1 THEN (SELECT count(*) FROM matched) END AS total,
       CASE WHEN place = 1 THEN (
           SELECT json_object_agg(value, times) FROM (
               SELECT language AS value, count(*) AS times FROM counted GROUP BY 1) AS each_of
       ) END AS languages,
       CASE WHEN place = 1 THEN (
           SELECT json_object_agg(value, times) FROM (
               SELECT speaker AS value, count(*) AS times FROM counted
               WHERE speaker IS NOT NULL GROUP BY 1) AS each_of
       ) END AS speakers
FROM page JOIN video USING (video_id) LEFT JOIN segment USING (video_id, language, number)
WHERE page.number = 0 OR segment.number IS NOT NULL
ORDER BY place
"""
_NEWEST = _ANSWER.format(
    matched=_MATCHED.format(vector="", behind=f"($5::date IS NULL OR ({_KEY}) < {_BEHIND})"),
    rank="0::float8",
    behind="true",
    order=_ORDER,
    sample=SAMPLE,
)
# First how many of the words are there, then how close together they stand.
_RANKED = _ANSWER.format(
    matched=_MATCHED.format(vector=", vector", behind="true"),
    rank="(SELECT count(*) FROM unnest($13::tsquery[]) AS word WHERE vector @@ word)"
    " + coalesce(ts_rank_cd(vector, $12::tsquery, 32), 0)::float8",
    behind=f"($5::date IS NULL OR (rank, {_KEY}) < ($11::float8, {_BEHIND[1:]})",
    order=_ORDER,
    sample=SAMPLE,
)
_OF_A_HIT = frozenset(Hit.__dataclass_fields__) - {"titles", "marks"}
_TEXTS = ("titles", "headlines", "descriptions", "keywords")


@dataclass(frozen=True)
class Matches:
    """A page: where each moment stands, and the moment with its words.

    On the first page `count`, and how many there are of each language and speaker, are of all that answer, up
    to `SAMPLE`; on others of nothing.
    """

    places: tuple[Found, ...] = ()
    hits: tuple[Hit, ...] = ()
    count: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    speakers: Mapping[str, int] = field(default_factory=dict)


async def newest(sql: Sql, question: Question, after: Found | None, limit: int) -> Matches:
    """The moments that answer all of the question, newest first."""
    asked = _asked(question, every(question.spoken))
    rows = await sql.fetch(_NEWEST, *asked, *_place(after), limit if after else SAMPLE + 1, limit)
    return _matches(rows, question)


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
    parts = [every((phrase,)) for phrase in question.spoken]
    rank = (after.rank if after else None, _any(parts) or None, [part for part in parts if part])
    asked = _asked(question, spoken)
    rows = await sql.fetch(_RANKED, *asked, *_place(after), SAMPLE + 1, limit, *rank)
    return _matches(rows, question)


def _matches(rows: Sequence[Row], question: Question) -> Matches:
    if not rows:
        return Matches()
    first = rows[0]
    places = tuple(Found(**{name: row[name] for name in Found.__dataclass_fields__}) for row in rows)
    hits = tuple(_hit(row, question) for row in rows)
    languages, speakers = (json.loads(first[name] or "{}") for name in ("languages", "speakers"))
    return Matches(places, hits, first["total"] or 0, languages, speakers)


def _hit(row: Row, question: Question) -> Hit:
    values: dict[str, Any] = {name: row[name] for name in _OF_A_HIT}
    texts = {name: json.loads(row[name]) for name in _TEXTS}
    if values["number"] == ABOUT:
        values |= {"start_ms": 0, "end_ms": row["duration_ms"], "text": about(texts, values["language"])}
    marked = marks(values["text"], values["language"], question.spoken)
    return Hit(**values, titles=texts["titles"], marks=marked)
