"""A transcript as press offices write it: paragraphs, names on lines before the words, no times."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from catalog.domain.heading_choice import Doubt, Line, choose_headings
from catalog.domain.heading_words import Role
from catalog.domain.headings import Speakers
from catalog.domain.sentences import ends_sentence, in_pieces
from catalog.domain.spoken_parts import Turn, parts_of
from catalog.domain.video import Part, Person

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BLANKS = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True)
class Piece:
    """A stretch of the text as it stands there, its line breaks included. `line` counts from 1.

    `speaker` is who speaks from here on, in the piece that names a speaker.
    """

    kind: Literal["heading", "words", "blank"]
    text: str
    line: int
    speaker: str | None = None


@dataclass(frozen=True)
class Spoken:
    """A segment that has no time yet, and the line of the text that it begins on."""

    line: int
    part: Part
    speaker: str
    text: str


@dataclass(frozen=True)
class SpokenText:
    """What was read. The pieces in their order are the text, whole and unchanged.

    `functions` is what headings say of a speaker besides the name.
    """

    pieces: tuple[Piece, ...]
    spoken: tuple[Spoken, ...]
    doubts: tuple[Doubt, ...]
    functions: dict[str, str]

    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass
class _Turn:
    """What one person says without a break: paragraphs, each with its first line."""

    speaker: str
    role: Role | None
    paragraphs: list[tuple[int, str]] = field(default_factory=list)


def read_spoken_text(text: str, people: Sequence[Person] = (), opening: str | None = None) -> SpokenText:
    """The text in speaker-labelled segments without times; no word is lost, changed or moved.

    `opening` speaks what comes before the first heading; without it, that has no speaker (""). A paragraph is
    a segment, a long one several, parted where sentences end.
    """
    speakers = Speakers(people, [opening] if opening else [])
    numbered = [Line(number, line) for number, line in enumerate(_LINE.findall(text), 1)]
    lines, doubts = choose_headings(numbered, speakers)
    doubts += _open_brackets(lines)
    first = _Turn(opening, speakers.role(opening)) if opening else _Turn("", None)
    return SpokenText(
        pieces=tuple(piece for line in lines for piece in _pieces(line)),
        spoken=tuple(_spoken(_turns(lines, first))),
        doubts=tuple(sorted(doubts, key=lambda doubt: doubt.line)),
        functions={
            line.heading.speaker: line.heading.function
            for line in lines
            if line.heading and line.heading.function
        },
    )


def _pieces(line: Line) -> Iterator[Piece]:
    if line.heading is None:
        kind: Literal["heading", "words", "blank"] = (
            "blank" if line.blank else "heading" if line.below else "words"
        )
        yield Piece(kind, line.text, line.number)
        return
    yield Piece("heading", line.text[: line.heading.length], line.number, line.heading.speaker)
    if line.heading.length < len(line.text):
        yield Piece("words", line.text[line.heading.length :], line.number)


def _turns(lines: Iterable[Line], first: _Turn) -> list[_Turn]:
    """Who says what. A paragraph ends at a blank line, and where a line ends with a sentence."""
    turns = [first]
    goes_on = False
    for line in lines:
        for piece in _pieces(line):
            if piece.kind == "heading" and line.heading is not None:
                turns.append(
                    _Turn(
                        _main(turns) if line.heading.role == "answers" else line.heading.speaker,
                        line.heading.role,
                    )
                )
            if piece.kind != "words":
                goes_on = False
                continue
            paragraphs = turns[-1].paragraphs
            if goes_on:
                paragraphs[-1] = (paragraphs[-1][0], f"{paragraphs[-1][1]}\n{piece.text}")
            else:
                paragraphs.append((piece.line, piece.text))
            goes_on = not ends_sentence(piece.text)
    return [turn for turn in turns if turn.paragraphs]


def _spoken(turns: Sequence[_Turn]) -> Iterator[Spoken]:
    parts = parts_of(
        [Turn(turn.speaker, turn.role, " ".join(text for _, text in turn.paragraphs)) for turn in turns]
    )
    for turn, part in zip(turns, parts, strict=True):
        for line, paragraph in turn.paragraphs:
            for words in in_pieces(_BLANKS.sub(" ", paragraph).strip()):
                yield Spoken(line, part, turn.speaker, words)


def _main(turns: Sequence[_Turn]) -> str:
    """Who gives the answers when a heading says only `A:`, namely who spoke first."""
    return next((turn.speaker for turn in turns if turn.paragraphs and turn.role is None), "")


def _open_brackets(lines: Iterable[Line]) -> Iterator[Doubt]:
    """An editor's addition ends in its paragraph: where it does not, words may be taken for one."""
    began: Line | None = None
    for line in lines:
        if began is not None and (line.blank or line.heading):
            yield Doubt(
                began.number, began.text.strip(), "words", "a square bracket is opened and not closed"
            )
            began = None
        for bracket in re.findall(r"[\[\]]", line.text):
            if (bracket == "]") == (began is None):
                yield Doubt(line.number, line.text.strip(), "words", "its square brackets do not match")
            began = line if bracket == "[" else None
    if began is not None:
        yield Doubt(began.number, began.text.strip(), "words", "a square bracket is opened and not closed")
