"""The search benchmark: classes of words beside two peers' SQL, and quotes. See `benchmarks/README.md`."""

import argparse
import asyncio
import json
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from benchmarks.search import peers
from benchmarks.search.corpus import SEED, Corpus
from benchmarks.search.relevance import success
from catalog.store.search import SESSION
from catalog.usecases.index_stale_videos import index_stale_videos
from catalog.usecases.search_moments import Order, search_moments
from newsreel_local.ports import free_ports
from newsreel_local.postgres import PostgresServer
from newsreel_runtime.database import Database
from newsreel_runtime.migrate import migrate

CLASSES = {"0.1 %": 0.001, "1 %": 0.01, "10 %": 0.1, "most": 1.0}  # of all segments that have the word
Ask = Callable[[str], Awaitable[None]]


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


async def rebuild(database: Database, corpus: Corpus) -> float:
    """Segments per second until the search has all of them."""
    began, done = time.perf_counter(), 1
    while done:
        async with database.begin() as tx:
            done, _ = await index_stale_videos(tx, 20)
    return corpus.segments / (time.perf_counter() - began)


def words_of(corpus: Corpus, share: float, count: int) -> list[str]:
    """The words whose frequency is nearest to a share of the segments."""
    wanted = share * corpus.segments
    return sorted(corpus.frequency, key=lambda word: (abs(corpus.frequency[word] - wanted), word))[:count]


async def timed(ask: Ask, words: list[str], clients: int, rounds: int) -> list[float]:
    """Milliseconds of each answer, from so many clients of whom each asks anew when it has its answer."""
    for word in words:
        await ask(word)
    waiting, took = iter(words * rounds), []

    async def client() -> None:
        for word in waiting:
            began = time.perf_counter()
            await ask(word)
            took.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(client() for _ in range(clients)))
    return took


def percentiles(took: list[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


def ours(database: Database, order: Order) -> Ask:
    async def ask(word: str) -> None:
        async with database.read() as sql:
            page = await search_moments(sql, typed=word, limit=20, order=order)
        if not page.hits:
            raise RuntimeError(f"nothing was found for {word}")

    return ask


async def measure(server: PostgresServer, corpus: Corpus, words: int, rounds: int, quotes: int) -> None:
    settings = server.settings("postgres")
    await migrate(settings, "catalog")
    connection = await server.connect("postgres")
    say(f"corpus: {corpus.videos} videos, {corpus.segments} segments, seed {SEED}")
    await corpus.fill(connection)
    async with Database.open(settings) as database, Database.open(settings, session=SESSION) as searched:
        rate = await rebuild(database, corpus)
        say(f"indexed: {rate:.0f} segments/s")
        await connection.execute("VACUUM ANALYZE moment")
        await peers.make(connection)
        worst = await compare(searched, corpus, words, rounds)
        shares = await success(searched, corpus, quotes)
    await connection.close()
    for language, kinds in shares.items():
        say(f"a quote's second is first, {language}: {kinds['exact']:.1%}, damaged {kinds['damaged']:.1%}")
    lowest = {kind: min(kinds[kind] for kinds in shares.values()) for kind in ("exact", "damaged")}
    numbers = {f"{name}worst_p95_ms": round(took, 2) for name, took in worst.items()}
    numbers |= {f"success_at_1_{kind}": share for kind, share in lowest.items()}
    print(json.dumps(numbers | {"rebuild_segments_per_s": round(rate), "segments": corpus.segments}))


async def compare(database: Database, corpus: Corpus, words: int, rounds: int) -> dict[str, float]:
    """The worst p95 of each contestant; ours by its own name is the default order."""
    pool: asyncpg.Pool = database.pool
    contestants: dict[str, Ask] = {"": ours(database, "newest"), "relevance_": ours(database, "relevance")}
    for shape in peers.SHAPES:
        contestants[f"{shape}_"] = lambda word, shape=shape: peers.ask(pool, shape, word)  # type: ignore[misc]
    worst = dict.fromkeys(contestants, 0.0)
    print(f"\nload {os.getloadavg()[0]:.2f}, {os.cpu_count()} cores\n")
    print("| segments with the word | clients | | p50 ms | p95 ms | p99 ms |\n|---|---|---|---|---|---|")
    for name, share in CLASSES.items():
        chosen = words_of(corpus, share, words)
        for clients in (1, 8):
            for contestant, ask in contestants.items():
                p50, p95, p99 = percentiles(await timed(ask, chosen, clients, rounds))
                label = contestant.rstrip("_") or "newest"
                print(f"| {name} | {clients} | {label} | {p50:.2f} | {p95:.2f} | {p99:.2f} |", flush=True)
                if clients == 1:
                    worst[contestant] = max(worst[contestant], p95)
    return worst


async def run(quick: bool) -> None:
    videos, words, rounds, quotes = (5_000, 10, 10, 60) if quick else (50_000, 20, 10, 60)
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(
            Path(folder).chmod, 0o755
        )  # PostgreSQL runs as somebody else when we are root
        server = PostgresServer(Path(folder) / "postgres", free_ports(1)[0], "postgres")
        await server.start()
        try:
            await measure(server, Corpus(videos), words, rounds, quotes)
        finally:
            await server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the corpus")
    asyncio.run(run(parser.parse_args().quick))
