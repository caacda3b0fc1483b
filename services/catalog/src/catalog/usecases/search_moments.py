"""One page of the moments that answer what was typed."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog import errors
from catalog.domain.paging import BadCursorError
from catalog.domain.search.moment import Hit
from catalog.domain.search.place import Order, Place
from catalog.domain.search.question import Question, read_question
from catalog.store import search
from newsreel_runtime.sql import Sql

_FACET_VALUES = 20  # of each facet, the most frequent ones
Facet = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Summary:
    """How many moments answer, of each language and speaker; up to a limit, and then there are more."""

    count: int
    is_exact: bool
    languages: Facet
    speakers: Facet


@dataclass(frozen=True)
class Page:
    """Some moments; `summary` is of all of them, and on the first page only. `next` is None at the end."""

    question: Question
    order: Order
    hits: tuple[Hit, ...]
    summary: Summary | None
    next: Place | None


async def search_moments(
    sql: Sql, *, typed: str, limit: int, order: Order = "newest", cursor: str | None = None
) -> Page:
    """At most `limit` moments after `cursor`, in its order. When none has all of the words: those with most.

    Raises `cursor-refused`.
    """
    question = read_question(typed)
    after = _after(cursor)
    if after:
        order = after.order
    found = await _found(sql, question, order, after, limit + 1)
    if not found.hits and not after and len(question.loosened().words) > 2:
        order = "most"
        found = await _found(sql, question, order, after, limit + 1)
    following = Place(order, found.places[limit - 1]) if len(found.places) > limit else None
    return Page(question, order, found.hits[:limit], None if after else _summary(found), following)


def _after(cursor: str | None) -> Place | None:
    try:
        return None if cursor is None else Place.of_cursor(cursor)
    except BadCursorError:
        raise errors.cursor_refused() from None


async def _found(
    sql: Sql, question: Question, order: Order, after: Place | None, limit: int
) -> search.Matches:
    behind = after.found if after else None
    if question.is_empty:
        return search.Matches()
    if order == "newest":
        return await search.newest(sql, question, behind, limit)
    if order == "relevance":
        return await search.best(sql, question, behind, limit)
    return await search.most(sql, question.loosened(), behind, limit)


def _summary(found: search.Matches) -> Summary:
    counted = min(found.count, search.SAMPLE)
    return Summary(counted, counted == found.count, _facet(found.languages), _facet(found.speakers))


def _facet(counts: Mapping[str, int]) -> Facet:
    """The most frequent values first, those of one count by name."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(ordered[:_FACET_VALUES])
