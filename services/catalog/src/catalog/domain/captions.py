"""Captions as a clock: when each of their words was said, in milliseconds from the start of the video."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from catalog.domain.spoken_words import spoken_words

_USUAL_PACE = 14 / 1000  # letters a millisecond, the blank after a word included; some 150 words a minute


@dataclass(frozen=True)
class Caption:
    """What is shown from `start_ms` to `end_ms`."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True)
class Cue:
    """The words of a caption, as `spoken_words` gives them."""

    start_ms: int
    end_ms: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Rhythm:
    """How many letters are spoken in a millisecond, and how many of these a pause between segments has."""

    pace: float
    pause: float

    def share(self, time: float, letters: int, pauses: int) -> tuple[float, float]:
        """How long a letter and a pause are in the time that they have together.

        More time than they usually need goes to the pauses; if it is less, all are shortened alike.
        """
        need = letters / self.pace + self.pause * pauses
        scale = min(1.0, time / need) if need and pauses else time * self.pace / letters if letters else 1.0
        letter = scale / self.pace
        return letter, (time - letters * letter) / pauses if pauses else 0.0


def cues(captions: Iterable[Caption], duration_ms: int) -> list[Cue]:
    """The captions in the order of time, within the duration, none over the next one.

    A caption that stays while the next one is shown ends with it. Two that begin at once are one, and so is
    one that is shown twice without a break. Captions without words or time are left out.
    """
    ordered: list[Cue] = []
    for caption in sorted(captions, key=lambda caption: caption.start_ms):
        words = tuple(spoken_words(caption.text))
        start, end = max(0, caption.start_ms), min(duration_ms, caption.end_ms)
        if not words or start >= end:
            continue
        if ordered and ordered[-1].start_ms == start:
            before = ordered.pop()
            start, end, words = before.start_ms, max(before.end_ms, end), before.words + words
        elif ordered and ordered[-1].words == words and start <= ordered[-1].end_ms:
            start = ordered.pop().start_ms
        ordered.append(Cue(start, end, words))
    following = [*(cue.start_ms for cue in ordered[1:]), duration_ms]
    return [
        Cue(cue.start_ms, min(cue.end_ms, limit), cue.words)
        for cue, limit in zip(ordered, following, strict=False)
    ]


def usual_pace(shown: Iterable[Cue]) -> float:
    """Letters a millisecond: the middle one of all cues, for some hold a pause."""
    paces = [_letters(cue.words) / (cue.end_ms - cue.start_ms) for cue in shown if len(cue.words) > 2]
    return median(paces) if paces else _USUAL_PACE


def word_times(
    shown: Sequence[Cue], rhythm: Rhythm, breaks: Mapping[int, Sequence[int]]
) -> list[tuple[float, float]]:
    """When each word of the cues begins and ends: a cue's time is shared out by letters.

    `breaks` has, for a cue by its number, before which of its words another segment begins: a pause is there.
    """
    times: list[tuple[float, float]] = []
    for number, cue in enumerate(shown):
        begun = Counter(breaks.get(number, ()))
        letter, pause = rhythm.share(cue.end_ms - cue.start_ms, _letters(cue.words), begun.total())
        at = float(cue.start_ms)
        for place, word in enumerate(cue.words):
            at += pause * begun[place]
            end = at + (len(word) + 1) * letter
            times.append((at, end))
            at = end
    return times


def _letters(words: Iterable[str]) -> int:
    return sum(len(word) + 1 for word in words)
