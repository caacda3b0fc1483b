"""Files of transcripts that are refused: each time with the place, the field and the reason."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import ImportRefusedError
from catalog.representations.said import FILE_BYTES
from catalog.representations.transcript_file import read_transcript
from newsreel_testing.transcripts import details

VIDEO = details(duration_ms=10_000)
CUE = "WEBVTT\n\n00:00.000 --> 00:02.000\n"


def refusal(content: str | bytes, ending: str, opening: str | None = "Q") -> str:
    with pytest.raises(ImportRefusedError) as refused:
        read_transcript(
            content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"),
            ending,
            "en",
            VIDEO,
            opening,
        )
    return str(refused.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: is not WEBVTT"),
        ("WEBVTTX\n\n", "line 1: is not WEBVTT"),
        ("1\n00:00:00,000 --> 00:00:01,000\nhi", "line 1: is not WEBVTT"),
        ("WEBVTT\n", "segments: there are 0; 1 to 20000 are allowed"),
        ("WEBVTT\n\nhello\n", "line 3: time: is missing; this is neither a cue nor a NOTE"),
        ("WEBVTT\n\n00:00.000 -> 00:01.000\nhi\n", "line 3: time: is missing"),
        ("WEBVTT\n\n00:00,000 --> 00:01,000\nhi\n", "line 3: time: is not 00:00:00.000 --> 00:00:00.000"),
        ("WEBVTT\n\n00:00.000 --> 00:60.000\nhi\n", "line 3: time: is not 00:00:00.000 --> 00:00:00.000"),
        ("WEBVTT\n\n\u0660\u0660:00.000 --> 00:01.000\nhi\n", "line 3: time: is not"),
        ("WEBVTT\n\nid\n-00:00.000 --> 00:01.000\nhi\n", "line 4: time: is not"),
        (CUE + "hi\n00:02.000 --> 00:03.000\nyou\n", "line 5: text: has -->; leave a blank line"),
        (CUE + "<laughs> hi\n", "line 4: text: <laughs> is no tag of WebVTT; in words, write &lt;"),
        (CUE + "one\n3 < 4\n", "line 5: text: a < is not closed; in words, write &lt;"),
        (CUE + "hi &rlm;there\n", "line 4: text: \"hi \\u200fthere\" has a letter that is not seen: U+200F"),
        (CUE + "hi \u202eevil\n", "line 4: text: \"hi \\u202eevil\" has a letter that is not seen: U+202E"),
        (CUE + "hi &#8238;evil\n", "has a letter that is not seen: U+202E"),
        (CUE + "hi\0\n", "line 4: has a NUL"),
        (CUE + "x" * 2001, "has 2001 letters; at most 2000 are allowed"),
        (CUE + f"<v {'x' * 121}>hi\n", "line 4: speaker: "),
        (CUE + "hi \ud800\n", "line 4: is not UTF-8, at byte 36 of the file"),
        ("WEBVTT\n\n00:00.000 --> 00:10.001\nhi\n", "end: 00:00:10.001 is after the end of the video"),
        ("WEBVTT\n\n999:00:00.000 --> 999:00:01.000\nhi\n", "is too large; the most is 86400000"),
        ("WEBVTT\n\n00:02.000 --> 00:02.000\nhi\n", "line 4: end: 00:00:02.000 does not come after"),
        (CUE + "hi\n\n00:01.999 --> 00:03.000\nyou\n", "line 7: start: 00:00:01.999 is in the one"),
        (CUE.replace("00.0", "01.0") + "hi\n\n00:00.000 --> 00:00.500\nyou\n", "00:00:00.000 is before"),
        (CUE + "<v Q>a</v>" * 3000 + "\n", "does not come after its start"),
    ],
)  # fmt: skip
def test_webvtt_is_refused(content: str, said: str) -> None:
    assert said in refusal(content, ".vtt")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "segments: there are 0"),
        ("hello\n", "line 1: time: is missing"),
        ("1\n00:00:00,000 -> 00:00:01,000\nhi\n", "line 1: time: is missing"),
        ("1\n00:00:00 --> 00:00:01\nhi\n", "line 2: time: is not 00:00:00,000 --> 00:00:00,000"),
        ("1\n00:61:00,000 --> 00:62:00,000\nhi\n", "line 2: time: is not"),
        ("1\n00:00:00,000 --> 00:00:01,000\nhi\n\n2\nx --> y\nlost\n", "line 6: time: is not"),
        ("1\n00:00:00,000 --> 00:00:11,000\nhi\n", "line 3: end: 00:00:11.000 is after the end of the video"),
        ("1\n00:00:00,000 --> 00:00:01,000\nhi\u2067\n", "line 3: text: "),
    ],
)
def test_srt_is_refused(content: str, said: str) -> None:
    assert said in refusal(content, ".srt")


def document(**changes: Any) -> str:
    segment = {"number": 1, "start_ms": 0, "end_ms": 1, "part": "speech", "speaker": "Q", "text": "Hi."}
    segment |= changes.pop("segment", {})
    return json.dumps({"language": "en", "kind": "verbatim", "segments": [segment], **changes})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "transcript: is not JSON"),
        ("[" * 100_000, "transcript: is not JSON"),
        ("{}", "segments: is missing"),
        (document(language="fr"), "language: is fr, and not en"),
        (document(license="CC0"), "license: is no field of a manifest"),
        (document(version=0), "version: 0 is too small"),
        (document(version="1"), "version: "),
        (document(video_id="7"), "video_id: "),
        (document(segment={"number": 2}), "segments.1.number: is 2; they are numbered 1, 2, 3, …"),
        (document(segment={"text": "a\u202eb"}), "segments.1.text: "),
        (document(segment={"part": "song"}), "segments.1.part: "),
        (document(segment={"end_ms": 10_001}), "segments.1: end: 00:00:10.001 is after the end of the video"),
        (document()[:-1] + ', "kind": "translation"}', "kind: is there 2 times"),
    ],
)
def test_json_is_refused(content: str, said: str) -> None:
    assert said in refusal(content, ".json")


def test_words_that_nobody_is_named_for_are_refused() -> None:
    assert refusal("Good evening, all.\n", ".txt", None) == (
        "line 1: speaker: nobody is named for “Good evening, all.”; say --speaker"
    )
    assert "line 4: speaker: nobody is named" in refusal(CUE + "hi\n", ".vtt", None)


@pytest.mark.parametrize("ending", [".vtt", ".srt", ".txt", ".json"])
def test_a_file_that_is_too_large_is_refused(ending: str) -> None:
    assert refusal(b"x" * (FILE_BYTES + 1), ending) == f"file: has more than {FILE_BYTES} bytes"


def test_more_segments_than_are_allowed_are_refused() -> None:
    cues = (
        f"00:{at // 1000:02}:{at // 1000:02}.{at % 1000:03} --> 00:00:01.000\nhi\n" for at in range(20_001)
    )
    said = refusal("WEBVTT\n\n" + "\n".join(cues), ".vtt")
    assert said.startswith("segments: there are 20001; 1 to 20000 are allowed")
    assert len(said.splitlines()) == 51  # and so many more


def test_another_ending_is_refused() -> None:
    assert refusal("hi", ".docx") == "file: ends in .docx; it is one of .vtt, .srt, .txt, .json"


@given(st.sampled_from([".vtt", ".srt", ".txt", ".json"]), st.binary() | st.text().map(str.encode))
def test_whatever_comes_is_read_or_refused(ending: str, content: bytes) -> None:
    for begun in (
        b"",
        b"WEBVTT\n\n",
        b"WEBVTT\n\n00:00.000 --> 00:02.000\n",
        b"1\n00:00:00,000 --> 00:00:02,000\n",
    ):
        with suppress(ImportRefusedError):
            assert read_transcript(begun + content, ending, "en", VIDEO, "Q").said
