"""A corpus that is the same each time: transcripts of made-up words, as frequent as words are (Zipf)."""

import bisect
import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import asyncpg

SEED = 20_261_127
SEGMENTS = 20  # of a video
WORDS = 28  # of a segment
_VOCABULARY = 20_000  # words of a language
_SPEAKERS = 400
_SYLLABLES = {
    "en": (
        "ba",
        "re",
        "ti",
        "son",
        "der",
        "la",
        "mo",
        "king",
        "th",
        "est",
        "ou",
        "pre",
        "can",
        "vis",
        "ul",
        "en",
    ),
    "fr": (
        "é",
        "ra",
        "ti",
        "on",
        "lé",
        "de",
        "ment",
        "sé",
        "cu",
        "ri",
        "té",
        "pou",
        "voir",
        "çai",
        "eau",
        "ne",
    ),
    "uk": ("ві", "на", "ро", "ста", "пе", "ре", "мо", "га", "кра", "ї", "ли", "ду", "ся", "ком", "про", "зе"),
}
LANGUAGES = tuple(_SYLLABLES)


@dataclass
class Corpus:
    """The words of a corpus of so many videos. `frequency`: in how many segments each word is."""

    videos: int
    frequency: Counter[str] = field(default_factory=Counter)
    quotes: list[tuple[str, UUID, int, str]] = field(default_factory=list)  # language, video, start_ms, text

    @property
    def segments(self) -> int:
        return self.videos * SEGMENTS

    async def fill(self, connection: asyncpg.Connection) -> None:
        """Write the catalog's tables, as imports would have; the search has nothing of it yet."""
        rows = self._rows()
        for batch in iter(lambda: list(itertools.islice(rows, 500)), []):
            videos, transcripts, segments = zip(*batch, strict=True)
            await _copy(connection, "video", videos)
            await _copy(connection, "transcript", transcripts)
            await _copy(connection, "segment", itertools.chain.from_iterable(segments))
        await connection.execute("VACUUM ANALYZE video, transcript, segment")

    def _rows(self) -> Iterator[tuple[tuple[object, ...], tuple[object, ...], list[tuple[object, ...]]]]:
        chance = random.Random(SEED)  # noqa: S311 (the same each time)
        vocabularies = {language: _vocabulary(language, chance) for language in LANGUAGES}
        weights = list(itertools.accumulate(1 / (rank + 2) for rank in range(_VOCABULARY)))
        speakers = [f"{_name(chance)} {_name(chance)}" for _ in range(_SPEAKERS)]
        for number in range(self.videos):
            video_id = UUID(int=chance.getrandbits(128))
            language = LANGUAGES[number % len(LANGUAGES)]
            vocabulary = vocabularies[language]
            texts = [
                " ".join(_drawn(vocabulary, weights, chance) for _ in range(WORDS)) for _ in range(SEGMENTS)
            ]
            for place, text in enumerate(texts):
                self.frequency.update(set(text.split()))
                if chance.random() < 0.02:
                    self.quotes.append((language, video_id, place * 12_000, text))
            title = " ".join(texts[0].split()[:5])
            said = [
                (video_id, language, at + 1, at * 12_000, at * 12_000 + 11_000, "speech", speaker, text)
                for at, (text, speaker) in enumerate(
                    zip(texts, chance.choices(speakers, k=SEGMENTS), strict=True)
                )
            ]
            yield _video(video_id, number, language, title), (video_id, language, "verbatim", 1), said


def _video(video_id: UUID, number: int, language: str, title: str) -> tuple[object, ...]:
    text = json.dumps({language: title})
    recorded_at = date(2020, 1, 1) + timedelta(days=number * 2400 // 50_000 + number % 7)
    published_at = datetime(2020, 1, 2, tzinfo=UTC) + timedelta(hours=number)
    return (
        *(
            video_id,
            1,
            f"NR-{number}",
            "usable",
            published_at,
            published_at,
            text,
            text,
            text,
            "speech",
            "{}",
        ),
        *(recorded_at, SEGMENTS * 12_000, [language], "[]", "Brussels", "Credit", "{}", "[]", "0" * 64),
    )


async def _copy(
    connection: asyncpg.Connection, table: str, rows: Iterator[object] | Sequence[object]
) -> None:
    await connection.copy_records_to_table(table, records=rows)


def _drawn(vocabulary: Sequence[str], weights: Sequence[float], chance: random.Random) -> str:
    return vocabulary[bisect.bisect(weights, chance.random() * weights[-1])]


def _vocabulary(language: str, chance: random.Random) -> list[str]:
    """Different words, the frequent ones short."""
    found: dict[str, None] = {}
    while len(found) < _VOCABULARY:
        syllables = 1 + min(len(found).bit_length() // 4, 3) + (chance.random() < 0.5)
        found["".join(chance.choices(_SYLLABLES[language], k=syllables))] = None
    return list(found)


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES["en"], k=3)).capitalize()
