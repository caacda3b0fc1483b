"""Transcripts as press offices write them, made up, with the truth beside: which lines name whom.

`python -m newsreel_testing.spoken_texts` prints how well headings are found in them.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import wrap

from pydantic import TypeAdapter

from catalog.domain.spoken_text import read_spoken_text
from catalog.domain.video import Language, Person

CASES = 200  # for each language, with the video's people known and not


@dataclass(frozen=True)
class _Words:
    """What the texts of a language are made of."""

    people: tuple[str, ...]
    functions: tuple[str, ...]  # the first two people's, then moderators', then a journalist's
    houses: tuple[str, ...]
    sentences: tuple[str, ...]
    questions: tuple[str, ...]
    traps: tuple[str, ...]  # short lines that are words
    moderator: str


_WORDS = TypeAdapter(dict[Language, _Words]).validate_json(Path(__file__).with_suffix(".json").read_bytes())


@dataclass
class Case:
    """A text, the people of its video, who opens, and the true speaker of each heading's line."""

    language: Language
    people: tuple[Person, ...]
    opening: str
    lines: list[str] = field(default_factory=list)
    truth: dict[int, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def cases(language: Language, *, known: bool, count: int = CASES) -> Iterator[Case]:
    """The same ones each time. `known`: the video names its people."""
    for seed in range(count):
        yield _Writer(language, random.Random(f"{language}{seed}"), known=known).written()


class _Writer:
    def __init__(self, language: Language, chance: random.Random, *, known: bool) -> None:
        self._words = _WORDS[language]
        self._chance = chance
        people = chance.sample(self._words.people, len(self._words.people))
        self._speakers, self._journalists = people[:2], people[2:]
        functions = dict(zip(self._speakers, self._words.functions, strict=False))
        self._functions = dict.fromkeys(self._journalists, self._words.functions[-1]) | functions
        self._gap = chance.random() < 0.5  # a blank line between name and words
        self._width = chance.choice((0, 0, 72))
        self._capitals = chance.random() < 0.3
        self._inline = chance.random() < 0.2
        persons = tuple(Person(name, self._functions[name], None) for name in people) if known else ()
        self._case = Case(language, persons, self._speakers[0])

    def written(self) -> Case:
        self._paragraphs(self._chance.randint(2, 5))
        if self._chance.random() < 0.5:
            self._turn(self._speakers[1], self._functions[self._speakers[1]], self._chance.randint(2, 4))
        for _ in range(self._chance.randint(2, 5)):
            if self._chance.random() < 0.5:
                self._turn(self._words.moderator, None, 1, colon=True)
            asking = self._chance.choice(self._journalists)
            self._turn(asking, self._chance.choice(self._words.houses), 1, question=True)
            answering = self._chance.choice(self._speakers)
            self._turn(answering, self._functions[answering], self._chance.randint(1, 3))
        return self._case

    def _turn(
        self, speaker: str, function: str | None, count: int, *, colon: bool = False, question: bool = False
    ) -> None:
        heading = speaker.upper() if self._capitals else speaker
        if function is not None:
            forms = ("{0}", "{0}", "{0}, {1}", "{0} ({1})") + (() if question else ("{1} {0}",))
            heading = self._chance.choice(forms).format(heading, function)
        inline = self._inline or (colon and self._chance.random() < 0.5)
        self._case.truth[len(self._case.lines) + 1] = speaker
        if inline:
            self._paragraphs(count, first=f"{heading}: ", question=question)
            return
        self._case.lines.append(heading + (":" if colon else ""))
        if self._gap:
            self._case.lines.append("")
        self._paragraphs(count, question=question)

    def _paragraphs(self, count: int, *, first: str = "", question: bool = False) -> None:
        for at in range(count):
            said = [self._chance.choice(self._words.sentences) for _ in range(self._chance.randint(1, 4))]
            if question:
                said.append(self._chance.choice(self._words.questions))
            paragraph = (first if at == 0 else "") + " ".join(said)
            self._case.lines += wrap(paragraph, self._width) if self._width else [paragraph]
            self._case.lines.append("")
            if self._chance.random() < 0.15:
                self._case.lines += [self._chance.choice(self._words.traps), ""]


@dataclass
class Score:
    """How many headings there were, were found, and were right in line and speaker.

    `silent`: how many that were missed, made up or of another speaker no doubt names.
    """

    true: int = 0
    found: int = 0
    right: int = 0
    silent: int = 0
    doubts: Counter[bool] = field(default_factory=Counter)  # by whether they name a mistake

    def add(self, case: Case) -> None:
        read = read_spoken_text(case.text, case.people, case.opening)
        found = {piece.line: piece.speaker for piece in read.pieces if piece.speaker is not None}
        right = {line for line, speaker in found.items() if _is(speaker, case.truth.get(line))}
        wrong = (found.keys() | case.truth.keys()) - right
        doubted = {doubt.line for doubt in read.doubts}
        self.true += len(case.truth)
        self.found += len(found)
        self.right += len(right)
        self.silent += len(wrong - doubted)
        self.doubts.update(line in wrong for line in doubted)

    @property
    def precision(self) -> float:
        return self.right / self.found

    @property
    def recall(self) -> float:
        return self.right / self.true


def _is(speaker: str, truth: str | None) -> bool:
    return truth is not None and speaker.casefold() == truth.casefold()


def scored(language: Language, *, known: bool, count: int = CASES) -> Score:
    score = Score()
    for case in cases(language, known=known, count=count):
        score.add(case)
    return score


def report() -> Iterator[str]:
    """A table in Markdown."""
    yield "| | people | headings | precision | recall | doubts, of these mistakes | silent mistakes |"
    yield "|---|---|---|---|---|---|---|"
    for language in _WORDS:
        for known in (True, False):
            score = scored(language, known=known)
            yield (
                f"| {language} | {'named' if known else 'unknown'} | {score.true} | {score.precision:.4f} | "
                f"{score.recall:.4f} | {score.doubts.total()}, {score.doubts[True]} | {score.silent} |"
            )


if __name__ == "__main__":
    sys.stdout.write("\n".join(report()) + "\n")
