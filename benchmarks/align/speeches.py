"""Made-up speeches, the time of whose words is known, and captions of them with as many errors as asked for.

The same language, seed and word error give the same speech for ever (`random.Random`). Pace, pauses and
lengths are those of press conferences, by ear.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.align.words import words_of
from catalog.domain.captions import Caption
from catalog.domain.video import Language


@dataclass(frozen=True)
class Said:
    """One word, with its time in seconds and the number of its segment, None if no official text has it."""

    text: str
    start: float
    end: float
    segment: int | None


@dataclass(frozen=True)
class Speech:
    """The official text, when each of its segments begins and ends (ms), and the captions."""

    language: Language
    segments: tuple[str, ...]
    truth: tuple[tuple[float, float], ...]
    captions: tuple[Caption, ...]
    duration_ms: int
    words: int


class Speaker:
    """Makes words in one language, with a pace, and keeps the time."""

    def __init__(self, language: Language, chance: random.Random) -> None:
        words = words_of(language)
        self._chance = chance
        self._frequent = words.frequent
        self._weights = [1 / (rank + 2) for rank in range(len(words.frequent))]
        self._rare = [stem + ending for stem in words.stems for ending in words.endings]
        chance.shuffle(self._rare)
        self._rare_weights = [1 / (rank + 10) for rank in range(len(self._rare))]
        self._pace = chance.gauss(17, 1.5)
        self.now = chance.uniform(0.5, 20)

    def word(self) -> str:
        if self._chance.random() < 0.6:
            return self._chance.choices(self._frequent, self._weights)[0]
        return self._chance.choices(self._rare, self._rare_weights)[0]

    def sentence(self, least: int, most: int) -> list[str]:
        words = [self.word() for _ in range(self._chance.randint(least, most))]
        commas = [word + "," if self._chance.random() < 0.08 else word for word in words[:-1]]
        said = [*commas, words[-1] + self._chance.choice("...?!")]
        return [said[0][:1].upper() + said[0][1:], *said[1:]]

    def say(self, sentence: list[str], segment: int | None) -> Iterator[Said]:
        pace = self._pace * self._chance.uniform(0.88, 1.12)
        for word in sentence:
            length = (len(word) + 1) / pace * self._chance.lognormvariate(0, 0.25)
            yield Said(word, self.now, self.now + length * 0.95, segment)
            self.now += length
            if word.endswith(","):
                self.pause(0.25)
            elif self._chance.random() < 0.01:
                self.pause(0.6)
        self.pause(0.45)

    def pause(self, middle: float) -> None:
        self.now += middle * self._chance.lognormvariate(0, 0.5)


def speech(language: Language, seed: int, word_error: float, length: int = 2500) -> Speech:
    """A press conference of about `length` words: a speech, then questions and answers."""
    chance = random.Random(f"{language} {seed}")  # noqa: S311 (nothing secret is made of it)
    speaker = Speaker(language, chance)
    said: list[Said] = []
    segments: list[str] = []
    turns: list[Turn] = []
    for _ in range(chance.choice((0, 0, 4))):  # the host's welcome, which no official text has
        said += speaker.say(speaker.sentence(6, 25), None)
    while len(said) < length:
        turns.append(_turn(chance, len(said) > length * 0.4, turns))
        _between(speaker, chance, turns)
        text: list[str] = []
        for least, most in turns[-1].sentences:
            sentence = speaker.sentence(least, most)
            text += sentence
            said += speaker.say(sentence, len(segments))
            if chance.random() < 0.02:  # said once more, in the same words; the official text has it once
                said += speaker.say(sentence, None)
        segments.append(" ".join(text))
    captions = _captions(said, speaker, random.Random(f"{language} {seed} {word_error}"), word_error)  # noqa: S311
    truth = _truth(said, len(segments))
    return Speech(language, tuple(segments), truth, captions, round((speaker.now + 5) * 1000), len(said))


@dataclass(frozen=True)
class Turn:
    """Who speaks in a segment, and the least and most words of each sentence."""

    asks: bool
    sentences: tuple[tuple[int, int], ...]


def _turn(chance: random.Random, asked: bool, before: list[Turn]) -> Turn:
    if not asked:
        return Turn(False, ((6, 28),) * chance.randint(2, 6))
    if not before[-1].asks:
        return Turn(True, ((6, 24),) * chance.randint(1, 3))
    if chance.random() < 0.15:
        return Turn(False, ((1, 4),))
    return Turn(False, ((5, 26),) * chance.randint(2, 8))


def _between(speaker: Speaker, chance: random.Random, turns: list[Turn]) -> None:
    if chance.random() < 0.03:
        speaker.now += chance.uniform(4, 15)  # applause, a microphone that is carried
    same = len(turns) > 1 and turns[-1].asks == turns[-2].asks
    speaker.pause(0.5 if same else 1.0)


def _truth(said: list[Said], count: int) -> tuple[tuple[float, float], ...]:
    starts, ends = [float("inf")] * count, [0.0] * count
    for word in said:
        if word.segment is not None:
            starts[word.segment] = min(starts[word.segment], word.start * 1000)
            ends[word.segment] = max(ends[word.segment], word.end * 1000)
    return tuple(zip(starts, ends, strict=True))


def _captions(
    said: list[Said], speaker: Speaker, chance: random.Random, word_error: float
) -> tuple[Caption, ...]:
    captions: list[Caption] = []
    dropped = 0
    for cue in _cues(said, chance):
        dropped = chance.randint(1, 5) if chance.random() < 0.01 else dropped - 1
        text = " ".join(_misheard([word.text for word in cue], speaker, chance, word_error))
        if dropped > 0 or not text:
            continue
        start = max(0, round((cue[0].start + chance.gauss(0, 0.1)) * 1000))
        end = round((cue[-1].end + chance.uniform(0, 0.3)) * 1000)
        if chance.random() < 0.01:  # shown twice, each half as long
            captions += [Caption(start, (start + end) // 2, text), Caption((start + end) // 2, end, text)]
        else:
            captions.append(Caption(start, end, text))
    return tuple(captions)


def _cues(said: list[Said], chance: random.Random) -> Iterator[list[Said]]:
    """At most 80 letters or seven seconds; every other pause of half a second ends one, the rest is in it."""
    cue: list[Said] = []
    for word in said:
        full = cue and (
            sum(len(one.text) + 1 for one in cue) + len(word.text) > 80 or word.end - cue[0].start > 7
        )
        if cue and (full or (word.start - cue[-1].end > 0.5 and chance.random() < 0.5)):
            yield cue
            cue = []
        cue.append(word)
    yield cue


def _misheard(words: list[str], speaker: Speaker, chance: random.Random, word_error: float) -> Iterator[str]:
    """Three of five errors put another word, one leaves the word out, one adds one."""
    for word in words:
        kind = chance.random() * 5 if chance.random() < word_error else None
        if kind is None:
            yield word
        elif kind < 1.5:
            yield speaker.word()
        elif kind < 3:
            yield word[: max(1, len(word) - chance.randint(1, 3))] + chance.choice("aeiou")
        elif kind >= 4:
            yield from (word, speaker.word())
