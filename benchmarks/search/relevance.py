"""Known items: a quote of eight words, as it was said and damaged, is to bring its video and second first."""

import random
from collections import defaultdict

from benchmarks.search.corpus import SEED, Corpus
from catalog.usecases.search_moments import search_moments
from newsreel_runtime.database import Database

_NEAR_MS = 10_000


async def success(database: Database, corpus: Corpus, count: int) -> dict[str, dict[str, float]]:
    """The share of `count` quotes a language whose second is the first hit: `exact` and `damaged`."""
    chance = random.Random(SEED)  # noqa: S311 (the same each time)
    by_language: dict[str, list[tuple[str, str, int, str]]] = defaultdict(list)
    for language, video_id, start_ms, text in corpus.quotes:
        by_language[language].append((language, str(video_id), start_ms, text))
    found: dict[str, dict[str, float]] = {}
    for language, quotes in by_language.items():
        hits = {"exact": 0, "damaged": 0}
        asked = chance.sample(quotes, min(count, len(quotes)))
        for _, video_id, start_ms, text in asked:
            words = text.split()
            at = chance.randrange(len(words) - 8)
            quote = words[at : at + 8]
            for kind, typed in (
                ("exact", f'"{" ".join(quote)}"'),
                ("damaged", " ".join(damaged(quote, chance))),
            ):
                hits[kind] += await _is_first(database, typed, video_id, start_ms)
        found[language] = {kind: round(number / len(asked), 3) for kind, number in hits.items()}
    return found


def damaged(quote: list[str], chance: random.Random) -> list[str]:
    """One word is left out, and two letters of another are swapped."""
    words = list(quote)
    del words[chance.randrange(len(words))]
    at = chance.randrange(len(words))
    letters = list(words[at])
    if len(letters) > 1:
        place = chance.randrange(len(letters) - 1)
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
    words[at] = "".join(letters)
    return words


async def _is_first(database: Database, typed: str, video_id: str, start_ms: int) -> bool:
    async with database.read() as sql:
        page = await search_moments(sql, typed=typed, limit=1, order="relevance")
    first = page.hits[0] if page.hits else None
    return (
        first is not None and str(first.video_id) == video_id and abs(first.start_ms - start_ms) <= _NEAR_MS
    )
