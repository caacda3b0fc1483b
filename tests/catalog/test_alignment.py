"""Official segments laid over captions: what is found, and what is not claimed to be known."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.align.speeches import Speech, speech
from catalog.domain.alignment import MOST_PIECES, MOST_WORDS, UNSURE, Alignment, align, doubts
from catalog.domain.captions import Caption
from catalog.domain.video import Language
from catalog.errors import AlignmentRefusedError

MINUTE = 60_000


OPENING = (
    "Good morning, and welcome to Port Linden. The bridge is open again.",
    "Thank you. When will the second bridge be built, and who pays for it?",
    "We begin in spring; the budget was agreed by all members last week.",
)
HEARD = (
    Caption(2000, 5000, "good morning and welcome to port linden"),
    Caption(5000, 7000, "the bridge is open again"),
    Caption(9000, 12_000, "thank you when will the second bridge be built"),
    Caption(12_000, 13_500, "and who pays for it"),
    Caption(15_000, 17_500, "we begin in spring the budget was"),
    Caption(17_500, 20_000, "agreed by all members last week"),
)


def times(alignment: Alignment) -> list[tuple[int, int]]:
    return [(found.start_ms, found.end_ms) for found in alignment.times]


def within(alignment: Alignment, truth: tuple[tuple[float, float], ...], error: float = 1000) -> list[bool]:
    return [
        abs(start - true_start) <= error and abs(end - true_end) <= error
        for (start, end), (true_start, true_end) in zip(times(alignment), truth, strict=True)
    ]


words = st.text("abcdé\u0457\u0439\u02bc' .,[]1\n", max_size=60)
moments = st.integers(-5000, 3 * MINUTE)


@given(
    texts=st.lists(words, max_size=12),
    captions=st.lists(st.builds(Caption, moments, moments, words), max_size=12),
    duration=st.integers(12, 2 * MINUTE),
)
def test_whatever_the_captions_are_each_segment_has_its_time_in_order(
    texts: list[str], captions: list[Caption], duration: int
) -> None:
    alignment = align(texts, captions, duration)

    found = alignment.times
    assert len(found) == len(texts)
    assert all(0 <= one.start_ms < one.end_ms <= duration for one in found)
    assert all(one.end_ms <= other.start_ms for one, other in pairwise(found))
    assert all(0 <= one.confidence <= 1 for one in found)
    assert 0 <= alignment.heard <= 1


def test_segments_begin_and_end_with_their_words() -> None:
    alignment = align(OPENING, HEARD, MINUTE)

    assert times(alignment) == [(2000, 7000), (9000, 13_500), (15_000, 20_000)]
    assert all(found.confidence > 0.9 for found in alignment.times)
    assert doubts(alignment) == []


def test_a_pause_in_a_caption_that_two_speakers_share_is_between_them() -> None:
    shared = (
        Caption(1000, 5000, "good morning and welcome to port linden the bridge is"),
        Caption(5000, 9000, "open again thank you"),  # 1.5 s of words, so 2.5 s of silence
        Caption(9000, 12_400, "when will the second bridge be built and who pays for it"),
    )
    first, second = times(align(OPENING[:2], shared, MINUTE))

    assert 5500 < first[1] < 6200
    assert 8000 < second[0] < 8500


@pytest.mark.parametrize(
    ("official", "heard"),
    [
        (
            "It\u2019s time: [the] well-known BRIDGE opens!",
            "it s time [Music] well known bridge opens",
        ),
        (
            "L\u2019Alliance décida, aujourd'hui, d'\u0153uvrer\u00a0: ÉTÉ!",
            "l alliance decida aujourd hui d oeuvrer ete",
        ),
        (
            "Під\u2019їзд, мій друже: з'їзд ще триває! [Сміх]",
            "під\u02bcїзд мій друже зїзд ще триваЄ",
        ),
    ],
)
def test_words_are_found_however_they_are_written(official: str, heard: str) -> None:
    alignment = align([official], [Caption(4000, 9000, heard)], MINUTE)
    assert times(alignment) == [(4000, 9000)]
    assert alignment.heard == 1


def test_a_caption_that_is_shown_twice_is_heard_once() -> None:
    twice = (
        *HEARD[:2],
        Caption(9000, 10_500, HEARD[2].text),
        Caption(10_500, 12_000, HEARD[2].text),
        *HEARD[3:],
    )
    assert times(align(OPENING, twice, MINUTE)) == times(align(OPENING, HEARD, MINUTE))


def test_what_captions_leave_out_is_placed_between_and_not_sure() -> None:
    alignment = align(OPENING, (*HEARD[:2], *HEARD[4:]), MINUTE)

    assert [found.confidence > 0.9 for found in alignment.times] == [True, False, True]
    start, end = times(alignment)[1]
    assert 7000 < start < end < 15_000


def sure_and_right(made: Speech) -> list[tuple[float, bool]]:
    alignment = align(made.segments, made.captions, made.duration_ms)
    sure = [found.confidence for found in alignment.times]
    return list(zip(sure, within(alignment, made.truth), strict=True))


def test_with_a_quarter_of_the_words_wrong_most_segments_are_right_and_the_others_are_less_sure() -> None:
    """On speeches from which no figure of the confidence was taken; `make bench-align` has the figures."""
    languages: tuple[Language, ...] = ("en", "fr", "uk")
    made = [speech(language, seed, 0.25) for language in languages for seed in range(20, 25)]
    results = [pair for one in made for pair in sure_and_right(one)]
    everywhere = [right for _, right in results]
    sure = [right for confidence, right in results if confidence > 0.9]
    unsure = [right for confidence, right in results if confidence < UNSURE]
    assert sum(everywhere) / len(everywhere) > 0.87
    assert sum(sure) / len(sure) > 0.9
    assert sum(unsure) / len(unsure) < 0.8


@pytest.mark.parametrize("language", ["en", "fr", "uk"])
def test_captions_of_another_speech_are_told(language: Language) -> None:
    official, other = speech(language, 1, 0), speech(language, 2, 0)
    alignment = align(official.segments, other.captions, official.duration_ms)

    assert max(found.confidence for found in alignment.times) < 0.1
    another, unsure = doubts(alignment)
    assert another.startswith("the captions have 0% of the words: there are none, or they are of another")
    count = len(official.segments)
    assert unsure.startswith(f"{count} of {count} segments have no sure time: 1, 2, 3,")
    assert unsure.endswith(", 20, …")


def test_without_captions_the_text_is_shared_out_and_nothing_is_sure() -> None:
    alignment = align(OPENING, (), MINUTE)
    assert [found.confidence for found in alignment.times] == [0, 0, 0]
    assert times(alignment)[0][0] == 0
    assert times(alignment)[-1][1] == MINUTE
    assert len(doubts(alignment)) == 2


def test_one_word_is_placed_but_is_little_proof() -> None:
    alignment = align(["Yes."], [Caption(3000, 3400, "yes")], MINUTE)
    assert times(alignment) == [(3000, 3400)]
    assert alignment.times[0].confidence < UNSURE


def test_no_segments_are_no_error() -> None:
    assert align((), HEARD, MINUTE).times == ()


def test_too_much_is_refused_by_name() -> None:
    long = "word " * (MOST_WORDS + 1)
    with pytest.raises(AlignmentRefusedError, match=f"text: {MOST_WORDS + 1} words; at most {MOST_WORDS}"):
        align([long], (), MINUTE)
    with pytest.raises(AlignmentRefusedError, match=f"captions: {MOST_WORDS + 1} words"):
        align(OPENING, [Caption(0, 1000, long)], MINUTE)
    with pytest.raises(AlignmentRefusedError, match=f"captions: {MOST_PIECES + 1}; at most"):
        align(OPENING, [HEARD[0]] * (MOST_PIECES + 1), MINUTE)
    with pytest.raises(AlignmentRefusedError, match="segments: "):
        align([OPENING[0]] * (MOST_PIECES + 1), (), MINUTE)


def test_less_time_than_segments_is_refused() -> None:
    with pytest.raises(AlignmentRefusedError, match="duration: 2 ms is too short for 3 segments"):
        align(OPENING, (), 2)
