"""An official text without times, laid over timed captions of the same speech.

`words_heard` says which words both have, `captions` when a caption's words are said, `segment_edges` where a
segment begins and ends between them, `confidence` how sure that is.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from catalog.domain.captions import Caption, Cue, Rhythm, cues, usual_pace, word_times
from catalog.domain.confidence import confidences
from catalog.domain.segment_edges import Anchor, Edge, Text, edges
from catalog.domain.spoken_words import spoken_words
from catalog.domain.words_heard import Pair, words_heard
from catalog.errors import AlignmentRefusedError

Place = tuple[int, int]  # a word of the captions: the number of its cue, and its place in it

USUAL_PAUSE = 1000.0  # ms between two segments
MOST_WORDS = 60_000  # of the text, and of the captions: six hours of speech
MOST_PIECES = 20_000  # segments, and captions
ANOTHER_SPEECH = 0.2  # the share of words below which captions are taken for those of another speech
UNSURE = 0.5  # the confidence below which a time is for somebody to look at


@dataclass(frozen=True)
class Placed:
    """The time of a segment, and the chance, 0 to 1, that both its ends are right to a second."""

    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True)
class Alignment:
    """The times of all segments in order, and the share of their words, 0 to 1, that the captions have."""

    times: tuple[Placed, ...]
    heard: float


def align(segments: Sequence[str], captions: Sequence[Caption], duration_ms: int) -> Alignment:
    """Find the time of each segment, given by its text, in milliseconds from the start of the video.

    Times are in the video's duration, in order and not over each other, whatever the captions are. Raises
    `AlignmentRefusedError` for more words, segments or captions than the limits, or less time than segments.
    """
    _refuse(segments, captions, duration_ms)
    text = Text([spoken_words(segment) for segment in segments])
    shown = cues(captions, duration_ms)
    heard = [word for cue in shown for word in cue.words]
    _refuse_words("text", len(text.words))
    _refuse_words("captions", len(heard))
    pairs = words_heard(text.words, heard)
    places = [(number, place) for number, cue in enumerate(shown) for place in range(len(cue.words))]
    breaks = _breaks(text, places, pairs)
    rhythm = _rhythm(text, shown, places, pairs, breaks)
    heard_at = word_times(shown, rhythm, breaks)
    anchors = [Anchor(place, *heard_at[word]) for place, word in pairs]
    span = (0.0, float(duration_ms))
    if shown and not anchors:
        span = (float(shown[0].start_ms), float(shown[-1].end_ms))
    found = edges(text, anchors, rhythm, span)
    sure = confidences(text, found, [place for place, _ in pairs])
    whole = zip(_whole(found, duration_ms), sure, strict=True)
    times = tuple(Placed(*time, confidence) for time, confidence in whole)
    return Alignment(times, len(pairs) / len(text.words) if text.words else 0.0)


def doubts(alignment: Alignment) -> list[str]:
    """What somebody should look at before the times are used, a line each; none when all is well."""
    said = []
    if alignment.heard < ANOTHER_SPEECH:
        said.append(
            f"the captions have {alignment.heard:.0%} of the words: there are none, or they are of another "
            "speech or language; the times are shared out by letters"
        )
    unsure = [number for number, time in enumerate(alignment.times, 1) if time.confidence < UNSURE]
    if unsure:
        listed = ", ".join(map(str, unsure[:20])) + (", …" if len(unsure) > 20 else "")
        said.append(f"{len(unsure)} of {len(alignment.times)} segments have no sure time: {listed}")
    return said


def _refuse(segments: Sequence[str], captions: Sequence[Caption], duration_ms: int) -> None:
    for name, count in (("segments", len(segments)), ("captions", len(captions))):
        if count > MOST_PIECES:
            raise AlignmentRefusedError(f"{name}: {count}; at most {MOST_PIECES} can be aligned")
    if duration_ms < len(segments):
        raise AlignmentRefusedError(
            f"duration: {duration_ms} ms is too short for {len(segments)} segments; is it the right video?"
        )


def _refuse_words(name: str, count: int) -> None:
    if count > MOST_WORDS:
        raise AlignmentRefusedError(f"{name}: {count} words; at most {MOST_WORDS} can be aligned")


def _breaks(text: Text, places: Sequence[Place], pairs: Sequence[Pair]) -> dict[int, list[int]]:
    """Before which words of a cue, by its number, another segment begins."""
    breaks: dict[int, list[int]] = defaultdict(list)
    for (place, word), (next_place, next_word) in pairwise(pairs):
        (cue, spot), (next_cue, next_spot) = places[word], places[next_word]
        if cue == next_cue:
            for number in range(text.segment_of[place] + 1, text.segment_of[next_place] + 1):
                breaks[cue].append(min(spot + text.begins[number] - place, next_spot))
    return breaks


def _rhythm(
    text: Text,
    shown: Sequence[Cue],
    places: Sequence[Place],
    pairs: Sequence[Pair],
    breaks: Mapping[int, Sequence[int]],
) -> Rhythm:
    """The speech's own: its pace in captions of one segment, its pauses where captions part with them."""
    pauses = [
        shown[places[next_word][0]].start_ms - shown[places[word][0]].end_ms
        for (place, word), (next_place, next_word) in pairwise(pairs)
        if (next_place, next_word) == (place + 1, word + 1)
        and text.segment_of[place] != text.segment_of[next_place]
        and places[word][0] != places[next_word][0]
    ]
    whole = [cue for number, cue in enumerate(shown) if number not in breaks]
    return Rhythm(usual_pace(whole), median(pauses) if pauses else USUAL_PAUSE)


def _whole(found: Sequence[Edge], duration_ms: int) -> Iterator[tuple[int, int]]:
    """The time of each segment in whole milliseconds, each at least one long."""
    last = 0
    for left, (begin, end) in zip(range(len(found) - 1, 0, -1), pairwise(found), strict=True):
        # Each of those that are left needs its millisecond.
        start = min(max(last, round(begin.start)), duration_ms - left)
        last = min(max(start + 1, round(end.end)), duration_ms - left + 1)
        yield start, last
