"""A moment: a segment of a transcript, or (number 0) what is said about a video, as the search holds it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from catalog.domain.search.folding import words
from catalog.domain.search.lexemes import RULES, tag, written
from catalog.domain.search.marks import Span
from catalog.domain.video import Details, Language, Segment, Text

ABOUT = 0  # the number of the moment that is made of titles and descriptions


@dataclass(frozen=True)
class Moment:
    """What the index holds of one. Words have their places, counted from 1; tags have none."""

    number: int
    speaker: str | None
    lexemes: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Found:
    """A moment that answers a question; the higher its rank, the better."""

    video_id: UUID
    language: Language
    number: int
    recorded_at: date
    speaker: str | None
    rank: float = 0.0

    @property
    def order(self) -> tuple[float, date, UUID, str, int]:
        """Highest first: the best, of these the newest, in one video from its beginning."""
        return self.rank, self.recorded_at, self.video_id, self.language, -self.number


@dataclass(frozen=True)
class Hit:
    """A moment with its words; `marks` are the parts of `text` that were asked for."""

    video_id: UUID
    reference: str
    titles: Text
    recorded_at: date
    language: Language
    number: int
    start_ms: int
    end_ms: int
    part: str | None
    speaker: str | None
    text: str
    marks: tuple[Span, ...]


def about(details: Mapping[str, Any], language: Language) -> str:
    """All that is said about a video in a language, a line each; empty when there is nothing."""
    texts = [details[name].get(language, "") for name in ("titles", "headlines", "descriptions")]
    texts += details["keywords"].get(language, ())
    return "\n".join(filter(None, texts))


def about_moment(details: Details, language: Language, *, captions: bool) -> Moment:
    """The moment of what is said about a video, and who is in it."""
    people = " ".join(person.name for person in details.people)
    tags = set(_tags(details, language))
    if captions:
        tags.add(tag("has", "captions"))
    return Moment(ABOUT, None, _lexemes(f"{about(vars(details), language)}\n{people}", language, tags))


def moments(details: Details, language: Language, segments: Iterable[Segment]) -> Iterator[Moment]:
    """A moment for each segment of a transcript."""
    tags = (*_tags(details, language), tag("has", "captions"))
    for segment in segments:
        named = (tag("speaker", word.text) for word in words(segment.speaker))
        lexemes = _lexemes(segment.text, language, {*tags, *named})
        yield Moment(segment.number, segment.speaker, lexemes)


def source(details: Details, version: int) -> str:
    """What the moments of a transcript are made of: when this changes, others are to be made."""
    return f"{RULES}/{version}/{details.recorded_at}/{details.location}"


def _tags(details: Details, language: Language) -> Iterator[str]:
    yield tag("language", language)
    for word in words(details.location):
        yield tag("place", word.text)


def _lexemes(text: str, language: Language, tags: Iterable[str]) -> dict[str, tuple[int, ...]]:
    places: dict[str, list[int]] = {}
    for place, word in enumerate(words(text), 1):
        for lexeme in written(word.text, language):
            places.setdefault(lexeme, []).append(place)
    return {lexeme: tuple(at) for lexeme, at in places.items()} | dict.fromkeys(tags, ())
