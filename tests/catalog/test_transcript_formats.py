"""Transcripts are written and read again: as they were, and as programs of others read them."""

import html
from collections.abc import Callable
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from uuid import UUID

import pytest
import srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.video import Segment, Transcript
from catalog.representations.bodies import TranscriptBody
from catalog.representations.srt import write_srt
from catalog.representations.transcript_file import Incoming, read_transcript
from catalog.representations.transcript_text import write_text
from catalog.representations.webvtt import write_webvtt
from newsreel_testing.chromium import chromium, needs_chromium
from newsreel_testing.transcripts import SPEAKERS, details, transcripts

VIDEO = details()
# A sentence is not taken for a name, and no style of SRT.
SENTENCES = st.lists(
    st.text("aZїЇ0,\u2019«»&<>;()\u2013\u00a0", min_size=1, max_size=8).map(
        lambda word: word.strip("\u00a0") or "a"
    ),
    min_size=1,
    max_size=12,
).map(lambda words: f"Say {' '.join(words)}.")


def read(written: str, ending: str) -> Incoming:
    return read_transcript(written.encode(), ending, "en", VIDEO, None)


def segments(incoming: Incoming) -> list[Segment]:
    return [
        Segment(number, one.start_ms or 0, one.end_ms or 0, one.part or "speech", one.speaker, one.text)
        for number, one in enumerate(incoming.said, 1)
    ]


@given(transcripts())
def test_webvtt_comes_back_as_it_was(transcript: Transcript) -> None:
    assert segments(read(write_webvtt(transcript), ".vtt")) == list(transcript.segments)


@given(transcripts())
def test_others_read_our_webvtt(transcript: Transcript) -> None:
    found = webvtt.from_string(write_webvtt(transcript), strict=True).captions
    assert [
        (one.start_in_seconds, one.end_in_seconds, html.unescape(one.voice or ""), html.unescape(one.text))
        for one in found
    ] == [(one.start_ms // 1000, one.end_ms // 1000, one.speaker, one.text) for one in transcript.segments]


@given(transcripts(SENTENCES))
def test_srt_comes_back_without_the_parts(transcript: Transcript) -> None:
    found = segments(read(write_srt(transcript), ".srt"))
    assert [(one.start_ms, one.end_ms, one.speaker, one.text) for one in found] == [
        (one.start_ms, one.end_ms, one.speaker, one.text) for one in transcript.segments
    ]


@given(transcripts())
def test_others_read_our_srt(transcript: Transcript) -> None:
    found = list(srt.parse(write_srt(transcript)))
    millisecond = timedelta(milliseconds=1)
    assert [(one.index, one.start // millisecond, one.end // millisecond, one.content) for one in found] == [
        (one.number, one.start_ms, one.end_ms, f"{one.speaker}: {one.text}") for one in transcript.segments
    ]


@given(transcripts(SENTENCES))
def test_text_comes_back_with_every_word_of_everybody(transcript: Transcript) -> None:
    found = read(write_text(transcript), ".txt")
    assert [
        (speaker, " ".join(one.text for one in said))
        for speaker, said in groupby(found.said, lambda one: one.speaker)
    ] == [
        (speaker, " ".join(one.text for one in said))
        for speaker, said in groupby(transcript.segments, lambda one: one.speaker)
    ]


@given(transcripts())
def test_json_comes_back_with_its_version(transcript: Transcript) -> None:
    body = TranscriptBody.of(UUID(int=7), 3, transcript)
    found = read(body.model_dump_json(), ".json")
    assert segments(found) == list(transcript.segments)
    assert (found.kind, found.video_id, found.version) == ("verbatim", UUID(int=7), 3)


@pytest.mark.parametrize(("ending", "write"), [(".vtt", write_webvtt), (".srt", write_srt)])
def test_three_hours_are_read(ending: str, write: Callable[[Transcript], str]) -> None:
    said = "The bridge opened this morning and carries the first trains to the port."
    spoken = tuple(
        Segment(number, number * 2000 - 2000, number * 2000, "speech", SPEAKERS[number % 4], said)
        for number in range(1, 5401)
    )
    long = details(duration_ms=3 * 3_600_000)
    found = read_transcript(write(Transcript("en", "verbatim", spoken)).encode(), ending, "en", long, None)
    assert [one.segment(number) for number, one in enumerate(found.said, 1)] == list(spoken)


def test_webvtt_of_others_is_read() -> None:
    found = read(
        """\ufeffWEBVTT - made elsewhere
Kind: captions

STYLE
::cue { color: white }

REGION
id:left

NOTE who wrote this
and why

intro
00:00.500 --> 00:02.000 line:0 position:20% align:start
<v.loud Ilse Marent>Good <i>evening</i> &amp;
welcome<00:00:01.000> all</v>

00:02.000 --> 00:59:00.000
<v Q>Why?</v>
<v Ilse Marent>Because.
""",
        ".vtt",
    )
    assert [(one.line, one.start_ms, one.end_ms, one.speaker, one.text) for one in found.said] == [
        (15, 500, 2000, "Ilse Marent", "Good evening & welcome all"),
        (19, 2000, 1_181_333, "Q", "Why?"),
        (20, 1_181_333, 3_540_000, "Ilse Marent", "Because."),
    ]


def test_srt_of_others_is_read() -> None:
    found = read(
        "1\r\n00:00:00,000 --> 00:00:02,000 X1:1\r\n{\\an8}ILSE MARENT: <i>Good</i>\r\nevening.\r\n\r\n"
        "2\n00:00:02.000 --> 00:00:03,000\n2026\n\nwas good.\n\n3\n00:00:03,000 --> 00:00:04,000\nQ: Why?",
        ".srt",
    )
    assert [(one.line, one.speaker, one.text, one.part) for one in found.said] == [
        (3, "Ilse Marent", "Good evening.", "speech"),
        (8, "Ilse Marent", "2026 was good.", "speech"),
        (14, "Q", "Why?", "question"),
    ]


_CUES = """
async written => {
    const video = document.createElement('video'), track = document.createElement('track');
    track.src = URL.createObjectURL(new Blob([written], {type: 'text/vtt'}));
    track.default = true;
    const loaded = new Promise((done, failed) => { track.onload = done; track.onerror = failed; });
    video.append(track);
    document.body.append(video);
    await loaded;
    return [...track.track.cues].map(cue => {
        const voice = cue.getCueAsHTML().firstChild;
        return [cue.startTime, cue.endTime, voice.className, voice.title, voice.textContent];
    });
}
"""


@needs_chromium
async def test_a_browser_reads_our_webvtt(tmp_path: Path) -> None:
    said = ["Good evening \u2013 «5 < 6» & so on.", "Наскільки він прогинається?", "-->"]
    transcript = Transcript(
        "en",
        "verbatim",
        tuple(
            Segment(number, number * 1500, number * 1500 + 1250, "answer", SPEAKERS[number % 4], text)
            for number, text in enumerate(said, 1)
        ),
    )
    async with chromium(tmp_path, "http://portal.test", 9, {}) as context:
        found = await context.pages[0].evaluate(_CUES, write_webvtt(transcript))
    assert found == [
        [one.start_ms / 1000, one.end_ms / 1000, "answer", one.speaker, one.text]
        for one in transcript.segments
    ]
