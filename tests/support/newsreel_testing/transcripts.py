"""Transcripts to write and read again, as Hypothesis makes them: all that a published one may be."""

import json

from hypothesis import strategies as st

from catalog.domain.video import Details, Part, Segment, Transcript
from catalog.representations.submission import read_manifest
from newsreel_testing.portal_videos import full_manifest

SPEAKERS = ("Ilse Marent", "Їжак Щедрий", "Noé d\u2019Orval & Fils <AFP>", "Q")
_PARTS: tuple[Part, ...] = ("speech", "question", "answer", "statement")
_WORD = st.text("aZé'\u2019їЇ0.,?!«»&<>;:[]{}()\\-\u2013/#\u00a0\U0001f3a5", min_size=1, max_size=8)
_EDGES = " \u00a0"
TEXTS = (
    st.lists(_WORD, min_size=1, max_size=12)
    .map(lambda words: " ".join(words).strip(_EDGES))
    .filter(lambda text: any(letter.isalpha() for letter in text))
)


@st.composite
def transcripts(draw: st.DrawFn, texts: st.SearchStrategy[str] = TEXTS) -> Transcript:
    """With times up to an hour, in order and not over each other."""
    times = sorted(draw(st.sets(st.integers(0, 3_600_000), min_size=2, max_size=12)))
    segments = [
        Segment(
            number,
            start,
            end,
            draw(st.sampled_from(_PARTS)),
            draw(st.sampled_from(SPEAKERS)),
            draw(texts),
        )
        for number, (start, end) in enumerate(zip(times[::2], times[1::2], strict=False), 1)
    ]
    return Transcript("en", "verbatim", tuple(segments))


def details(duration_ms: int = 3_600_000) -> Details:
    """Of a video in which these people speak."""
    people = [{"name": name, "role": "Speaker"} for name in SPEAKERS]
    manifest = full_manifest(1) | {"people": people, "shotlist": [], "transcripts": []}
    read = read_manifest(json.dumps(manifest | {"duration_ms": duration_ms}).encode())
    return read.details
