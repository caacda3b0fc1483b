"""Transcripts in the manner of press conferences, written by hand: who says what, and what is doubted.

Beside each text, `.expected` says of each segment line, part, speaker and first words, then the doubts.
"""

from pathlib import Path

import pytest

from catalog.domain.spoken_text import SpokenText, read_spoken_text
from catalog.domain.video import Person

HERE = Path(__file__).parent / "transcripts"
PEOPLE = {
    "bridge.en": [
        Person("Greta Holmqvar", "Chief Engineer", "Port Linden Works"),
        Person("Mara Quell", "Journalist", "Radio Meridian"),
    ],
    "winter.fr": [
        Person("Ilse Marent", "Présidente", None),
        Person("Anne Le Gall", "Secrétaire générale", None),
    ],
    "port.uk": [],
    "traps.en": [Person("Ilse Marent", "President", None)],
}
OPENING = {"bridge.en": "Greta Holmqvar"}


def read(name: str) -> tuple[str, SpokenText]:
    text = (HERE / f"{name}.txt").read_bytes().decode()
    return text, read_spoken_text(text, PEOPLE[name], OPENING.get(name))


def told(found: SpokenText) -> str:
    segments = [
        (placed.line, placed.part, placed.speaker, " ".join(placed.text.split()[:3]))
        for placed in found.spoken
    ]
    doubts = [(doubt.line, "doubt", doubt.taken_for, doubt.text) for doubt in found.doubts]
    return "".join(" | ".join(map(str, line)) + "\n" for line in [*segments, *doubts])


@pytest.mark.parametrize("name", PEOPLE)
def test_who_says_what(name: str) -> None:
    text, found = read(name)
    assert told(found) == (HERE / f"{name}.expected").read_text()
    assert found.text() == text


@pytest.mark.parametrize("name", PEOPLE)
def test_no_word_is_lost(name: str) -> None:
    text, found = read(name)
    spoken = [placed.text for placed in found.spoken]
    headings = [piece.text for piece in found.pieces if piece.kind == "heading"]
    assert sorted(" ".join([*spoken, *headings]).split()) == sorted(text.split())


def test_what_a_heading_says_besides_the_name_is_kept() -> None:
    _, found = read("bridge.en")
    assert found.functions["Joss Arden"] == "Northern Wire"
