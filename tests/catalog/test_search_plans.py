"""At 50,000 segments a question is answered by the index of words, or from the newest moment on."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from catalog.commands.import_videos import VideoImport
from catalog.domain.search.question import read_question
from catalog.outbound_media.folder import Folder
from catalog.representations.submission import read_manifest
from catalog.store import search
from newsreel_testing.databases import Databases

_VIDEOS = """
INSERT INTO video SELECT (jsonb_populate_record(video, jsonb_build_object(
    'video_id', md5(number::text)::uuid, 'reference', 'C-' || number))).*
FROM video, generate_series(1, 500) AS number
"""
# "rare" is in 50 segments, "frequent" in half of them.
_MOMENTS = """
INSERT INTO moment
SELECT md5((number % 500 + 1)::text)::uuid, 'en', number / 500 + 1, date '2020-01-01' + number % 500, 'Ann',
       (CASE WHEN number % 1000 = 7 THEN 'rare:1 ' ELSE '' END
        || CASE WHEN number % 2 = 0 THEN 'frequent:2 ' ELSE '' END
        || 'speaker/ann other' || number % 5000 || ':3 filler:4')::tsvector
FROM generate_series(0, 49999) AS number
"""


@pytest.fixture
async def plan(
    databases: Databases, submit: Callable[..., Path], media_root: Path
) -> AsyncIterator[Callable[[str, str], Awaitable[str]]]:
    """`await plan(statement, "words")`: what PostgreSQL does for a question."""
    async with databases.open("catalog") as database:
        folder = submit()
        manifest = read_manifest((folder / "manifest.json").read_bytes())
        assert await VideoImport(database, Folder(media_root), dry_run=False).run(folder, manifest)
        async with database.begin() as tx:
            await tx.sql.execute(_VIDEOS)
            await tx.sql.execute(_MOMENTS)
        async with database.read() as sql:
            await sql.execute("VACUUM ANALYZE moment")

        async def explained(statement: str, typed: str) -> str:
            question = read_question(typed)
            spoken = search.every(question.spoken)
            arguments = [*search._asked(question, spoken), *search._place(None), search.SAMPLE + 1, 20]
            if statement == search._RANKED:
                arguments += [None, spoken, [spoken]]
            async with database.begin() as tx:
                for name, value in search.SESSION.items():
                    await tx.sql.execute(f"SET LOCAL {name} = '{value}'")
                rows = await tx.sql.fetch(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}", *arguments)
            return "\n".join(row[0] for row in rows)

        yield explained


async def test_a_question_reads_by_an_index(plan: Callable[[str, str], Awaitable[str]]) -> None:
    for statement in (search._NEWEST, search._RANKED):
        for typed in ("rare", "rare frequent", '"rare frequent"', "rare speaker:ann", "other17"):
            found = await plan(statement, typed)
            assert "Bitmap Index Scan on moment_words" in found, found
            assert "Seq Scan on moment" not in found, found
        for typed in ("frequent", "frequent speaker:ann", "speaker:ann from:2020-03"):
            found = await plan(statement, typed)
            assert "moment_newest" in found, found
            assert "Seq Scan on moment" not in found, found
            removed = [int(count) for count in re.findall(r"Rows Removed by Filter: ([0-9]+)", found)]
            assert sum(removed) < 10_000, found
