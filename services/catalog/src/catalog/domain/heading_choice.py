"""Which lines of a transcript are headings: their form, and what stands around them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from catalog.domain.headings import Heading, Speakers, heading_of, is_plain_name, is_plainly_words
from catalog.domain.sentences import ends_sentence

_SHORT = 8  # words: as long as a title


@dataclass(frozen=True)
class Line:
    """A line with its line break. `heading`: it is or begins with one; `below`: it is the function of one."""

    number: int
    text: str
    heading: Heading | None = None
    below: bool = False

    @property
    def blank(self) -> bool:
        return not self.text.strip()

    @property
    def is_name(self) -> bool:
        """Whether nothing but a heading stands in it."""
        return self.heading is not None and not self.heading.inline


@dataclass(frozen=True)
class Doubt:
    """What may have been read wrongly, and what it was taken for."""

    line: int
    text: str
    taken_for: Literal["a speaker", "words"]
    reason: str


def choose_headings(lines: Sequence[Line], speakers: Speakers) -> tuple[list[Line], list[Doubt]]:
    """The lines with their headings, and what is doubtful about that."""
    choice = _Choice(lines, speakers)
    return list(choice.made()), choice.doubts


class _Choice:
    def __init__(self, lines: Sequence[Line], speakers: Speakers) -> None:
        self.doubts: list[Doubt] = []
        self._speakers = speakers
        self._lines = _with_headings(lines, speakers)
        self._next: list[Line | None] = []
        after = None
        for line in reversed(self._lines):
            self._next.append(after)
            after = after if line.blank else line
        self._next.reverse()

    def made(self) -> Iterator[Line]:
        above: Line | None = None  # the line right above, as it was decided
        for line, after in zip(self._lines, self._next, strict=True):
            above = line if line.blank else self._decided(line, above, after)
            yield above

    def _decided(self, line: Line, above: Line | None, after: Line | None) -> Line:
        if above is not None and above.is_name and self._is_function(line):
            if not self._speakers.is_function(line.text.strip()):
                self._doubt(line, "a speaker", "it stands under a name, as a function does")
            return replace(line, heading=None, below=True)
        if line.heading is None:
            if _looks_like_title(line, above, after) and not is_plainly_words(line.text):
                self._doubt(line, "words", "it is short and does not end as a sentence does")
            return line
        reason = self._why_words(line, line.heading, above, after)
        if reason is not None:
            self._doubt(line, "words", reason)
            return replace(line, heading=None)
        if line.heading.unsure is not None:
            self._doubt(line, "a speaker", line.heading.unsure)
        elif self._is_empty(line, after):
            self._doubt(line, "a speaker", "no words follow it")
        return line

    def _why_words(self, line: Line, heading: Heading, above: Line | None, after: Line | None) -> str | None:
        beside_words = above is not None and not (above.blank or above.is_name or above.below)
        if above is not None and beside_words and not ends_sentence(above.text):
            return "the line above it goes on"
        if heading.unsure is not None and self._is_empty(line, after):
            return "it has the form of a name, and no words follow it"
        return None

    def _is_empty(self, line: Line, after: Line | None) -> bool:
        """Whether nobody speaks below the name."""
        if line.heading is None or line.heading.inline:
            return False
        below = after is not None and after.number == line.number + 1 and self._is_function(after)
        return not below and (after is None or after.heading is not None)

    def _is_function(self, line: Line) -> bool:
        """Whether the line says what the person named right above it is."""
        if line.heading is None:
            return self._speakers.is_function(line.text.strip())
        return not line.heading.inline and line.heading.unsure is not None

    def _doubt(self, line: Line, taken_for: Literal["a speaker", "words"], reason: str) -> None:
        self.doubts.append(Doubt(line.number, line.text.strip(), taken_for, reason))


def _with_headings(lines: Sequence[Line], speakers: Speakers) -> list[Line]:
    """What could be a heading by its form. A name that heads two turns is a speaker's, whoever that is."""
    first = _headings(lines, speakers)
    count = Counter(heading.speaker for heading in first.values())
    sure = {
        heading.speaker
        for heading in first.values()
        if is_plain_name(heading.speaker) and (heading.unsure is None or count[heading.speaker] > 1)
    }
    headings = _headings(lines, speakers.and_also(sure))
    return [replace(line, heading=headings.get(line.number)) for line in lines]


def _headings(lines: Sequence[Line], speakers: Speakers) -> dict[int, Heading]:
    return {line.number: heading for line in lines if (heading := heading_of(line.text, speakers))}


def _looks_like_title(line: Line, above: Line | None, after: Line | None) -> bool:
    """A short line of its own without the end of a sentence: nothing proves that it is no heading."""
    text = line.text.strip()
    alone = (above is None or above.blank) and (after is None or after.number > line.number + 1)
    is_title = above is None and len(text) <= 60 and (after is None or not after.text.lstrip()[0].islower())
    return (
        (is_title or (alone and len(text.split()) <= _SHORT))
        and text[0] not in "[("
        and not ends_sentence(text)
        and any(letter.isalpha() for letter in text)
    )
