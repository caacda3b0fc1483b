"""What the search found, as its page shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from portal.domain.videos import Texts

_BEFORE, _AFTER = 160, 440  # letters around the first words that were asked for


@dataclass(frozen=True)
class Moment:
    """One hit: a second of a video and what is said there; `number` 0 for what is said about the video.

    `marks` are the parts of `text` that were asked for, in code points.
    """

    video_id: UUID
    reference: str
    title: Texts
    recorded_at: date
    language: str
    number: int
    start_ms: int
    text: str
    marks: tuple[tuple[int, int], ...]
    speaker: str | None = None

    @property
    def path(self) -> str:
        """The video's page at this second, scrolled to what is said there."""
        page = f"/videos/{self.video_id}?lang={self.language}"
        return f"{page}&t={self.start_ms // 1000}#t-{self.start_ms}" if self.number else page

    def parts(self) -> Iterator[tuple[bool, str]]:
        """The text in pieces, and whether each was asked for; a long one is cut around the first that was."""
        first = self.marks[0][0] if self.marks else 0
        begin, end = max(0, first - _BEFORE), first + _AFTER
        if begin:
            yield False, "… "
        at = begin
        for start, stop in self.marks:
            if at <= start < stop <= end:
                yield False, self.text[at:start]
                yield True, self.text[start:stop]
                at = stop
        yield False, self.text[at:end]
        if end < len(self.text):
            yield False, " …"


@dataclass(frozen=True)
class Ignored:
    """A part of what was typed that was not looked for, and the code of the reason."""

    text: str
    reason: str


@dataclass(frozen=True)
class Question:
    ignored: tuple[Ignored, ...] = ()


@dataclass(frozen=True)
class Count:
    """A value, and how many moments have it."""

    value: str
    count: int


@dataclass(frozen=True)
class Tally:
    """How many moments answer; there are more when `is_exact` is false."""

    count: int
    is_exact: bool
    languages: tuple[Count, ...]
    speakers: tuple[Count, ...]


@dataclass(frozen=True)
class Answer:
    """One page of what was found; `order` is `most` when no moment has all of the words."""

    question: Question
    order: str
    items: tuple[Moment, ...]
    summary: Tally | None = None
    next_cursor: str | None = None


def narrowed(typed: str, field: str, value: str) -> str:
    """What was typed, and only with that value of a field."""
    plain = value.replace('"', " ")
    return f'{typed} {field}:"{plain}"'.strip()
