"""The answer of the search. No text in it is HTML; places in a text are counted in Unicode code points."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from catalog.domain.search.moment import Hit
from catalog.domain.search.question import Question
from catalog.domain.video import Language
from catalog.representations.bodies import Body, Text
from catalog.usecases.search_moments import Facet, Page, Summary


class IgnoredBody(Body):
    """A part of what was typed that was not looked for."""

    text: str
    reason: str = Field(
        description="`too-long`, `too-many-words`, `no-value`, `no-such-language`, `no-such-day` or "
        "`only-captions`; others may come."
    )


class QuestionBody(Body):
    """What was understood. All words and phrases must be there; of the values of one field, any one."""

    words: tuple[str, ...]
    phrases: tuple[str, ...]
    speakers: tuple[str, ...]
    places: tuple[str, ...]
    events: tuple[str, ...] = Field(
        description="Words of a video's title, headline, description or keywords."
    )
    languages: tuple[Language, ...]
    since: date | None = Field(description="The first day of recording.")
    until: date | None = Field(description="The last day of recording.")
    captions: bool
    ignored: tuple[IgnoredBody, ...]

    @classmethod
    def of(cls, question: Question) -> "QuestionBody":
        names = ("phrases", "speakers", "places", "events")
        joined = {name: tuple(map(" ".join, getattr(question, name))) for name in names}
        return cls.model_validate({**vars(question), **joined})


class MomentBody(Body):
    """One hit: a second of a video and what is said there, or (number 0) what is said about the video."""

    video_id: UUID
    reference: str
    title: Text = Field(validation_alias="titles")
    recorded_at: date
    language: Language = Field(description="Of `text`.")
    number: int = Field(description="Of the segment in the transcript; 0 for what is said about the video.")
    start_ms: int
    end_ms: int
    second: int = Field(description="`start_ms` in whole seconds.")
    part: Literal["speech", "question", "answer"] | None
    speaker: str | None
    text: str
    marks: tuple[tuple[int, int], ...] = Field(
        description="The parts of `text` that were asked for: first code point, and the one behind the last."
    )
    link: str = Field(description="The video's page at this second, below the portal's address.")

    @classmethod
    def of(cls, hit: Hit) -> "MomentBody":
        second = hit.start_ms // 1000
        link = f"/videos/{hit.video_id}?lang={hit.language}&t={second}"
        return cls.model_validate({**vars(hit), "second": second, "link": link})


class CountBody(Body):
    """A value and how many of the counted moments have it."""

    value: str
    count: int


class SummaryBody(Body):
    """About all moments that answer; beyond the first thousand (the newest) they are not counted."""

    count: int
    is_exact: bool = Field(description="Whether `count` is all; else there are more.")
    languages: tuple[CountBody, ...]
    speakers: tuple[CountBody, ...] = Field(description="The twenty that have most.")

    @classmethod
    def of(cls, summary: Summary) -> "SummaryBody":
        return cls(
            count=summary.count,
            is_exact=summary.is_exact,
            languages=_counts(summary.languages),
            speakers=_counts(summary.speakers),
        )


class SearchBody(Body):
    """One page of what was found."""

    question: QuestionBody
    order: Literal["newest", "relevance", "most"] = Field(
        description="`most`: no moment has all of the words; these have most of them, those with more first."
    )
    items: tuple[MomentBody, ...]
    summary: SummaryBody | None = Field(description="On the first page only.")
    next_cursor: str | None = Field(description="Opaque; leads on. null at the end.")

    @classmethod
    def of(cls, page: Page) -> "SearchBody":
        return cls(
            question=QuestionBody.of(page.question),
            order=page.order,
            items=tuple(map(MomentBody.of, page.hits)),
            summary=SummaryBody.of(page.summary) if page.summary else None,
            next_cursor=page.next.cursor() if page.next else None,
        )


def _counts(facet: Facet) -> tuple[CountBody, ...]:
    return tuple(CountBody(value=value, count=count) for value, count in facet)
