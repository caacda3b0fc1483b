"""Transcripts without times: the text comes back whole, headings are found, mistakes are never silent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.headings import Speakers, heading_of
from catalog.domain.sentences import in_pieces
from catalog.domain.spoken_parts import Turn, parts_of
from catalog.domain.spoken_text import read_spoken_text
from catalog.domain.video import Language, Person
from newsreel_testing.spoken_texts import scored

GRETA = Person("Greta Holmqvar", "Chief Engineer", "Port Linden Works")
MARA = Person("Mara Quell", "Journalist", None)
# What headings, brackets and paragraphs are made of, in any order.
_PARTS = st.sampled_from(
    [
        "Greta Holmqvar",
        "Q",
        ":",
        ",",
        " ",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\t",
        "[",
        "]",
        "(AP)",
        "MODERATOR",
        "Thank you",
        "words go on",
        ".",
        "?",
        "Mara Quell",
        "\u00a0",
        "\u2028",
        "\x85",
        "\0",
        "\u202e",
        "Ї",
    ]
)
TEXTS = st.text() | st.lists(_PARTS, max_size=60).map("".join)


@given(TEXTS, st.sampled_from([None, "Greta Holmqvar"]))
def test_the_text_comes_back_whole(text: str, opening: str | None) -> None:
    assert read_spoken_text(text, [GRETA, MARA], opening).text() == text


@given(TEXTS)
def test_no_word_is_lost_changed_or_moved(text: str) -> None:
    found = read_spoken_text(text, [GRETA, MARA])
    spoken = [placed.text for placed in found.spoken]
    words = [piece.text for piece in found.pieces if piece.kind == "words"]
    assert " ".join(spoken).split() == " ".join(words).split()


@given(st.text(alphabet="ab. \u00a0", max_size=9000))
def test_a_long_paragraph_is_parted_at_blanks(text: str) -> None:
    pieces = list(in_pieces(text))
    assert " ".join(pieces).split() == text.split()
    assert all(len(piece) <= 2000 or " " not in piece for piece in pieces)


def test_a_long_paragraph_is_parted_where_sentences_end() -> None:
    sentence = "Mr. Deer said that the bridge, built in 1998 by J. Arden, bends by 4.5 millimetres. "
    pieces = list(in_pieces((sentence * 12).strip()))
    assert [len(piece) // len(sentence.strip()) for piece in pieces] == [4, 4, 4]
    assert all(piece.endswith("millimetres.") for piece in pieces)


@pytest.mark.parametrize("language", ["en", "fr", "uk"])
def test_with_the_names_of_the_video_every_heading_is_found(language: Language) -> None:
    score = scored(language, known=True, count=60)
    assert (score.precision, score.recall, score.silent) == (1, 1, 0)


@pytest.mark.parametrize("language", ["en", "fr", "uk"])
def test_without_names_no_mistake_is_silent(language: Language) -> None:
    score = scored(language, known=False, count=60)
    assert min(score.precision, score.recall) > 0.97
    assert (score.silent, score.doubts[True] > 0) == (0, True)


@pytest.mark.parametrize(
    ("line", "speaker", "function"),
    [
        ("Greta Holmqvar", "Greta Holmqvar", None),
        ("  GRETA HOLMQVAR:  \n", "Greta Holmqvar", None),
        ("Greta Holmqvar, Chief Engineer", "Greta Holmqvar", "Chief Engineer"),
        ("Greta Holmqvar (Chief Engineer)", "Greta Holmqvar", "Chief Engineer"),
        ("Greta Holmqvar \u2013 Port Linden", "Greta Holmqvar", "Port Linden"),
        ("Chief Engineer Greta Holmqvar", "Greta Holmqvar", "Chief Engineer"),
        ("Ms Holmqvar:", "Greta Holmqvar", "Ms"),
        ("HOLMQVAR", "Greta Holmqvar", None),
        ("Joss Arden, AP", "Joss Arden", "AP"),
        ("Joss Arden, journalist with Northern Wire", "Joss Arden", "journalist with Northern Wire"),
        ("Jean-Luc d\u2019Orval :", "Jean-Luc d\u2019Orval", None),
        ("Dr. J. R. Ardenne:", "Dr. J. R. Ardenne", None),
        ("Question (Joss Arden, AP)", "Joss Arden", "AP"),
        ("Moderator:", "Moderator", None),
        ("Ведуча:", "Ведуча", None),
    ],
)
def test_a_heading_is_sure(line: str, speaker: str, function: str | None) -> None:
    found = heading_of(line, Speakers([GRETA]))
    assert found is not None
    assert (found.speaker, found.function, found.length) == (speaker, function, len(line))
    assert found.unsure is None or found.speaker.startswith("Dr.")


@pytest.mark.parametrize(
    "line", ["Q: How far?", "MODERATOR : Now.", "Greta Holmqvar: Nine.", "Ann Lee: Yes."]
)
def test_words_may_follow_a_heading_on_its_line(line: str) -> None:
    found = heading_of(line, Speakers([GRETA]))
    assert found is not None
    assert (found.inline, line[found.length :]) == (True, line.partition(": ")[2])


@pytest.mark.parametrize(
    "line", ["Joss Arden", "JOSS ARDEN", "Ada van der Lyn", "Questions", "Holmqvar", "Moderator"]
)
def test_a_heading_that_may_be_words_says_so(line: str) -> None:
    found = heading_of(line, Speakers([GRETA]))
    assert found is None or found.unsure is not None


@pytest.mark.parametrize(
    "line",
    [
        "",
        "Thank you",
        "Thank You, Minister",
        "Thank you Greta Holmqvar",
        "We asked Greta Holmqvar",
        "Greta Holmqvar spoke first.",
        "It is 10:30 now",
        "Remember: it bends.",
        "Friends:",
        "Слава Україні",
        "[Applause]",
        "x" * 200,
    ],
)
def test_words_are_no_heading(line: str) -> None:
    assert heading_of(line, Speakers([GRETA])) is None


def _turns(*turns: tuple[str, str | None, str]) -> list[Turn]:
    return [Turn(speaker, role, text) for speaker, role, text in turns]  # type: ignore[arg-type]  # roles by name


LONG = "The bridge carries trains again. " * 10


@pytest.mark.parametrize(
    ("turns", "parts"),
    [
        (_turns(("Ann", None, LONG)), ["speech"]),
        (_turns(("Ann", None, LONG), ("Bob", None, LONG)), ["speech", "speech"]),
        (
            _turns(("Ann", None, LONG), ("Cy", None, "Who pays?"), ("Ann", None, "All.")),
            ["speech", "question", "answer"],
        ),
        (_turns(("Ann", None, "Why do we build? " + LONG)), ["speech"]),
        (
            _turns(
                ("Ann", None, LONG),
                ("M", "moderates", "Questions?"),
                ("Cy", "asks", "Tell us more about the bridge, please, and its price."),
            ),
            ["speech", "statement", "question"],
        ),
        (
            _turns(
                ("Ann", None, LONG),
                ("Cy", "asks", "Who pays?"),
                ("Ann", None, "Who? You do."),
                ("Cy", "asks", "Thanks."),
                ("Dee", None, "Goodbye."),
            ),
            ["speech", "question", "answer", "statement", "statement"],
        ),
    ],
)
def test_the_part_follows_from_who_asks(turns: list[Turn], parts: list[str]) -> None:
    assert parts_of(turns) == parts


def test_answers_without_a_name_are_the_first_speaker_s() -> None:
    found = read_spoken_text("Good day.\n\nQ: Why?\n\nA: Because.\n", [], "Greta Holmqvar")
    assert [(p.part, p.speaker) for p in found.spoken] == [
        ("speech", "Greta Holmqvar"),
        ("question", "Q"),
        ("answer", "Greta Holmqvar"),
    ]


def test_a_wrapped_line_that_is_a_name_is_not_taken_for_a_heading() -> None:
    found = read_spoken_text(
        "The bridge over the Linden, which now carries trains, was built by\nGreta Holmqvar\nin a year.\n",
        [GRETA],
        "Mara Quell",
    )
    assert [(p.speaker, p.text) for p in found.spoken] == [
        (
            "Mara Quell",
            "The bridge over the Linden, which now carries trains, was built by Greta Holmqvar in a year.",
        )
    ]
    assert [doubt.line for doubt in found.doubts] == [2]
