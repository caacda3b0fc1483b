"""`newsreel catalog transcript import` and `export`, as an editor meets them."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.commands.diff_transcript import diff_transcript
from catalog.commands.export_transcript import export_transcript
from catalog.commands.import_transcript import TranscriptImport, import_transcript
from catalog.commands.import_videos import import_folder
from catalog.outbound_media.folder import Folder
from newsreel_runtime.database import Database
from newsreel_runtime.settings import Postgres
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of

Submit = Callable[..., Path]
Run = Callable[..., "asyncio.Future[tuple[int, str, str]]"]
NUMBER = "NR-2026-0900"
BETTER = """WEBVTT

00:00.000 --> 00:02.000
<v Mara Quell>How far does the bridge bend?</v>

00:02.000 --> 00:04.000
<v Greta Holmqvar>The drawings allow eleven.</v>
"""


@pytest.fixture
async def catalog(
    databases: Databases, submit: Submit, media_root: Path, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Postgres]:
    """A catalog with one video, whose outbox is empty."""
    async with databases.fresh("catalog") as settings:
        assert await import_folder(settings, Folder(media_root), submit(), dry_run=False) == 0
        async with Database.open(settings) as database, database.begin() as tx:
            await tx.sql.execute("DELETE FROM outbox")
        capsys.readouterr()
        yield settings


async def events(settings: Postgres) -> list[tuple[str, dict[str, Any]]]:
    async with Database.open(settings) as database, database.read() as sql:
        rows = await sql.fetch("SELECT type, payload FROM outbox ORDER BY seq")
    return [(row["type"], json.loads(row["payload"])) for row in rows]


def written(tmp_path: Path, name: str, content: str) -> TranscriptImport:
    (tmp_path / name).write_text(content, encoding="utf-8")
    return TranscriptImport(NUMBER, "en", tmp_path / name)


async def test_a_corrected_transcript_is_a_new_version_and_an_event(
    catalog: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = written(tmp_path, "better.vtt", BETTER)
    assert await import_transcript(catalog, replace(said, dry_run=True)) == 0
    assert await events(catalog) == []
    assert await import_transcript(catalog, said) == 0
    assert await import_transcript(catalog, said) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{NUMBER}  en: would be revised, version 2: 2 segments of 2 speakers",
        f"{NUMBER}  en: revised, version 2: 2 segments of 2 speakers",
        f"{NUMBER}  en: unchanged, version 2: 2 segments of 2 speakers",
    ]
    (revised, video), (published, transcript) = await events(catalog)
    assert (revised.split(".")[3], published.split(".")[3]) == ("revised", "published")
    assert (video["video"]["version"], transcript["version"], transcript["kind"]) == (2, 2, "verbatim")
    assert [(one["part"], one["text"]) for one in transcript["segments"]] == [
        ("question", "How far does the bridge bend?"),
        ("answer", "The drawings allow eleven."),
    ]


async def test_a_transcript_in_another_language_is_added(
    catalog: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    french = "1\n00:00:00,000 --> 00:00:01,000\nMara Quell: Onze ?\n"
    said = replace(written(tmp_path, "pont.srt", french), language="fr")
    assert await import_transcript(catalog, said) == 0
    (_, video), (_, transcript) = await events(catalog)
    assert video["video"]["transcript_languages"] == ["en", "fr", "uk"]
    assert (transcript["language"], transcript["kind"], transcript["version"]) == ("fr", "translation", 1)
    assert f"{NUMBER}  fr: new, version 1" in capsys.readouterr().out


async def test_what_is_exported_is_imported_unchanged_and_only_over_its_own_version(
    catalog: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await export_transcript(catalog, NUMBER, "en", None) == 0
    exported = capsys.readouterr().out
    assert await import_transcript(catalog, written(tmp_path, "same.json", exported)) == 0
    assert "en: unchanged, version 1" in capsys.readouterr().out
    edited = written(tmp_path, "edited.json", exported.replace("eleven", "twelve"))
    assert await import_transcript(catalog, written(tmp_path, "better.vtt", BETTER)) == 0
    assert await import_transcript(catalog, edited) == 1
    assert "edited.json: version: is 1, and 2 is published" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ending", "begins"), [("vtt", "WEBVTT\n"), ("srt", "1\n"), ("txt", "Mara Quell:\n")]
)
async def test_every_format_is_exported(
    catalog: Postgres, capsys: pytest.CaptureFixture[str], ending: Any, begins: str
) -> None:
    assert await export_transcript(catalog, NUMBER, "en", ending) == 0
    assert capsys.readouterr().out.startswith(begins)


OF_ANOTHER = {
    "video_id": "019a1f00-1122-7334-8455-66778899aabb",
    "language": "en",
    "kind": "verbatim",
    "segments": [
        {"number": 1, "start_ms": 0, "end_ms": 1, "part": "speech", "speaker": "Mara Quell", "text": "Hi."}
    ],
}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "a.vtt",
            BETTER.replace("04.000", "05.000"),
            "line 7: end: 00:00:05.000 is after the end of the video",
        ),
        ("a.vtt", BETTER.replace("Quell>", "Quel>"), "none of the video's people; Mara Quell is: letter 10"),
        ("a.vtt", "WEBVTT\n\n00:00.000 --> 00:02.000\nHi\n", "line 4: speaker: nobody is named for “Hi”"),
        ("a.txt", "Greta Holmqvar\nThe drawings allow eleven.\n", "times: a text has none; say --captions"),
        (
            "a.txt",
            "Greta Holmqvar\nEleven.\n\nAda Lind\n\nWhy?\n",
            "line 4: “Ada Lind” was taken for a speaker",
        ),
        ("a.pdf", "%PDF", "file: ends in .pdf"),
        ("a.json", json.dumps(OF_ANOTHER), "video_id: is 019a1f00"),
    ],
)
async def test_what_is_refused_stores_nothing(
    catalog: Postgres,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    name: str,
    content: str,
    said: str,
) -> None:
    assert await import_transcript(catalog, written(tmp_path, name, content)) == 1
    assert said in capsys.readouterr().err
    assert await events(catalog) == []
    assert await export_transcript(catalog, NUMBER, "en", "txt") == 0
    assert "How far does it bend?" in capsys.readouterr().out


async def test_a_doubt_is_overruled_by_who_has_read_it(
    catalog: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = written(tmp_path, "new.vtt", BETTER.replace("Mara Quell", "Ada Lind"))
    assert await import_transcript(catalog, said) == 1
    assert "1 doubts: mend the text, or say --despite-doubts" in capsys.readouterr().err
    assert await import_transcript(catalog, replace(said, despite_doubts=True)) == 0
    (_, (_, transcript)) = await events(catalog)
    assert transcript["segments"][0]["speaker"] == "Ada Lind"


HEARD = """WEBVTT

00:00.100 --> 00:01.900
how far dose it bend

00:02.100 --> 00:03.900
the drawings allow a leaven
"""
OFFICIAL = """How far [in millimetres] does it bend?

Greta Holmqvar

The drawings allow eleven.
"""


async def test_a_text_is_timed_by_captions(
    catalog: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    captions = written(tmp_path, "heard.vtt", HEARD).file
    said = replace(
        written(tmp_path, "official.txt", OFFICIAL),
        opening="Mara Quell",
        captions=captions,
        despite_doubts=True,
    )
    assert await import_transcript(catalog, said) == 0
    (_, (_, transcript)) = await events(catalog)
    asked, answered = transcript["segments"]
    assert (asked["speaker"], asked["part"]) == ("Mara Quell", "question")
    assert asked["text"] == "How far [in millimetres] does it bend?"
    assert (answered["speaker"], answered["part"]) == ("Greta Holmqvar", "answer")
    assert 0 <= asked["start_ms"] < asked["end_ms"] <= answered["start_ms"] < answered["end_ms"] <= 4000
    assert 1500 <= answered["start_ms"] <= 2500


async def test_captions_of_another_speech_are_a_doubt(
    catalog: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = written(tmp_path, "other.srt", "1\n00:00:00,000 --> 00:00:04,000\nrain in the north\n").file
    said = replace(written(tmp_path, "a.txt", OFFICIAL), opening="Mara Quell", captions=other)
    assert await import_transcript(catalog, said) == 1
    assert "doubts: mend the text" in capsys.readouterr().err
    assert await events(catalog) == []


@pytest.mark.parametrize(
    ("name", "captions", "content", "said"),
    [
        ("a.vtt", "c.vtt", HEARD, "captions: the file has times of its own"),
        ("a.txt", "c.txt", HEARD, "captions: end in .txt; they are .vtt or .srt"),
        ("a.txt", "c.vtt", HEARD.replace("00:01.900", "1.9"), "captions: line 3: time: is not"),
    ],
)
async def test_captions_that_do_not_fit_are_refused(
    catalog: Postgres,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *,
    name: str,
    captions: str,
    content: str,
    said: str,
) -> None:
    file = written(tmp_path, name, BETTER if name == "a.vtt" else OFFICIAL)
    timed = replace(file, opening="Mara Quell", captions=written(tmp_path, captions, content).file)
    assert await import_transcript(catalog, timed) == 1
    assert said in capsys.readouterr().err


async def test_of_two_corrections_at_once_one_is_refused(
    catalog: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = [written(tmp_path, f"{word}.vtt", BETTER.replace("far", word)) for word in ("much", "little")]
    codes = await asyncio.gather(*(import_transcript(catalog, said) for said in both))
    (*_, (_, transcript)) = await events(catalog)
    assert transcript["version"] == 1 + codes.count(0)
    assert len(await events(catalog)) == 2 * codes.count(0)


@pytest.mark.parametrize("reference", ["NR-UNKNOWN", "\u202e"])
async def test_a_video_or_language_that_is_not_there_is_said(
    catalog: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str], reference: str
) -> None:
    said = replace(written(tmp_path, "a.vtt", BETTER), reference=reference)
    assert await import_transcript(catalog, said) == 1
    assert await export_transcript(catalog, reference, "en", "vtt") == 1
    assert capsys.readouterr().err.count("reference: there is no video") == 2
    assert await export_transcript(catalog, NUMBER, "fr", "vtt") == 1
    assert f"{NUMBER} has en, uk, and not fr" in capsys.readouterr().err


async def test_a_prepared_text_is_held_against_what_was_said(
    catalog: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = written(
        tmp_path, "same.txt", "How far [in mm] does it BEND?\n\nGreta Holmqvar\nThe drawings allow eleven\n"
    )
    assert await diff_transcript(catalog, NUMBER, "en", same.file) == 0
    assert capsys.readouterr().out == "9 words prepared, 9 delivered, 9 in both, 0 differences\n"
    other = written(
        tmp_path, "other.txt", "How far does it bend?\n\nGreta Holmqvar:\nThe old drawings say eleven.\n"
    )
    assert await diff_transcript(catalog, NUMBER, "en", other.file) == 1
    assert capsys.readouterr().out.splitlines() == [
        "00:00:02.000  Greta Holmqvar: it bend? The [-old-] drawings allow eleven.",
        "00:00:02.000  Greta Holmqvar: bend? The drawings [-say-]{+allow+} eleven.",
        "10 words prepared, 9 delivered, 8 in both, 2 differences",
    ]
    assert await diff_transcript(catalog, NUMBER, "fr", same.file) == 2
    assert await diff_transcript(catalog, NUMBER, "en", tmp_path / "none.txt") == 2


async def test_a_file_or_database_that_is_away_is_one_line(
    catalog: Postgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await import_transcript(catalog, TranscriptImport(NUMBER, "en", tmp_path / "no.vtt")) == 1
    away = catalog.model_copy(update={"port": 1})
    assert await import_transcript(away, written(tmp_path, "a.vtt", BETTER)) == 1
    assert await export_transcript(away, NUMBER, "en", "vtt") == 1
    assert len(capsys.readouterr().err.splitlines()) == 3


async def test_the_commands_do_what_they_are_told(
    catalog: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from argparse import ArgumentParser

    from catalog.commands import register

    for name, value in environment_of(catalog).items():
        monkeypatch.setenv(name, value)
    file = written(tmp_path, "a.srt", "1\n00:00:00,000 --> 00:00:01,000\nHow far?\n").file
    written(tmp_path, "a.txt", "How far?\n")
    parser = ArgumentParser()
    register(parser.add_subparsers())
    for words in (
        ["import", NUMBER, "en", str(file), "--speaker", "Mara Quell", "--dry-run", "--despite-doubts"],
        ["import", NUMBER, "en", str(file), "--speaker", "Mara Quell"],
        ["export", NUMBER, "en", "srt"],
        ["diff", NUMBER, "en", str(tmp_path / "a.txt")],
    ):
        arguments = parser.parse_args(["catalog", "transcript", *words])
        assert await asyncio.to_thread(arguments.run, arguments) == 0
    assert "Mara Quell: How far?" in capsys.readouterr().out
