"""The words of made-up speeches: frequent ones, most frequent first, and stems that take endings."""

from dataclasses import dataclass
from pathlib import Path

from catalog.domain.video import Language

_FOLDER = Path(__file__).parent / "words_of"


@dataclass(frozen=True)
class Words:
    """Of one language."""

    frequent: tuple[str, ...]
    stems: tuple[str, ...]
    endings: tuple[str, ...]


def words_of(language: Language) -> Words:
    """From `<language>.txt`, three paragraphs."""
    frequent, stems, endings = (_FOLDER / f"{language}.txt").read_text().split("\n\n")
    return Words(tuple(frequent.split()), tuple(stems.split()), tuple(endings.split()))
