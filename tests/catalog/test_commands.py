"""`newsreel catalog import`, as an operator meets it."""

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from catalog.commands import register
from catalog.commands.import_videos import import_folder
from catalog.commands.rebuild_search import rebuild_search
from catalog.outbound_media.folder import Folder
from newsreel_runtime.settings import Postgres
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of

Submit = Callable[..., Path]
NOWHERE = Postgres(host="127.0.0.1", port=1, database="-", user="-", password=SecretStr("-"))


async def test_a_folder_of_folders_is_imported_in_the_order_of_names(
    databases: Databases, submit: Submit, media_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b", "a", ".a.partial"):
        submit(f"NR-{name.strip('.').upper().replace('.', '-')}", into=tmp_path / "all" / name)
    async with databases.fresh("catalog") as settings:
        assert await import_folder(settings, Folder(media_root), tmp_path / "all", dry_run=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["NR-A", "NR-B"]


async def test_with_bad_files_all_other_videos_are_imported(
    databases: Databases, submit: Submit, media_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit("NR-A", into=tmp_path / "all" / "a")
    submit("NR-B", into=tmp_path / "all" / "b")
    (tmp_path / "all" / "a" / "web.mp4").write_bytes(b"bad")
    async with databases.fresh("catalog") as settings:
        assert await import_folder(settings, Folder(media_root), tmp_path / "all", dry_run=False) == 1
    said = capsys.readouterr()
    assert f"{tmp_path}/all/a/manifest.json: renditions.2.sha256: web.mp4" in said.err
    assert said.out.startswith("NR-B  new")


async def test_with_a_bad_manifest_nothing_is_imported(
    submit: Submit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        manifest["renditions"][0]["sha256"] = "abc"

    submit("NR-A", into=tmp_path / "all" / "a")
    submit("NR-B", edit, into=tmp_path / "all" / "b")
    assert await import_folder(NOWHERE, Folder(tmp_path), tmp_path / "all", dry_run=False) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{tmp_path}/all/b/manifest.json: renditions.1.sha256: ")


async def test_one_reference_in_two_folders_is_refused(
    submit: Submit, media_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit("NR-A", into=tmp_path / "all" / "a")
    submit("NR-A", into=tmp_path / "all" / "b")
    assert await import_folder(NOWHERE, Folder(media_root), tmp_path / "all", dry_run=False) == 1
    assert "reference: NR-A is also in" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["empty", "missing"])
async def test_a_folder_without_a_manifest_is_said(
    media_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "empty").mkdir()
    assert await import_folder(NOWHERE, Folder(media_root), tmp_path / name, dry_run=False) == 1
    assert "no manifest.json" in capsys.readouterr().err


async def test_a_database_that_is_away_is_one_line(
    submit: Submit, media_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await import_folder(NOWHERE, Folder(media_root), submit(), dry_run=False) == 1
    said = capsys.readouterr().err
    assert said.startswith("catalog import: stopped: ")
    assert len(said.splitlines()) == 1


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    return parser.parse_args(words)


def test_the_command_is_registered() -> None:
    arguments = parsed("catalog", "import", "videos", "--dry-run")
    assert (arguments.folder, arguments.dry_run) == (Path("videos"), True)


async def test_the_command_imports_what_it_is_told_to(
    databases: Databases,
    submit: Submit,
    media_root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = submit(edit=lambda manifest: manifest.update(duration_ms=5000), web=b"2", broadcast=b"2")
    async with databases.fresh("catalog") as settings:
        for name, value in environment_of(settings).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("NEWSREEL_CATALOG_MEDIA_ROOT", str(media_root))
        codes = []
        for words in ([submit(), "--dry-run"], [submit()], [other], [other, "--replace"]):
            arguments = parsed("catalog", "import", *map(str, words))
            codes.append(await asyncio.to_thread(arguments.run, arguments))
    assert codes == [0, 0, 1, 0]
    said = capsys.readouterr().out
    assert [line.split("  ")[1][:24] for line in said.splitlines()] == [
        "would be new, version 1:",
        "new, version 1: 2 rendit",
        "revised, version 2: dura",
    ]


async def test_the_search_is_rebuilt(
    databases: Databases,
    submit: Submit,
    media_root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    held = "SELECT video_id, language, number, vector FROM moment ORDER BY 1, 2, 3"
    async with databases.fresh("catalog") as settings:
        for name, value in environment_of(settings).items():
            monkeypatch.setenv(name, value)
        assert await import_folder(settings, Folder(media_root), submit(), dry_run=False) == 0
        connection = await databases.connect(settings.database)
        before = await connection.fetch(held)
        # Indexed by older rules, and one moment damaged.
        await connection.execute("UPDATE moment SET vector = '' WHERE number = 1")
        arguments = parsed("catalog", "search", "rebuild")
        assert await asyncio.to_thread(arguments.run, arguments) == 0
        assert await connection.fetch(held) == before
        await connection.close()
    assert "1 of 1 videos, 6 moments, " in capsys.readouterr().out


async def test_a_rebuild_without_a_database_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert await rebuild_search(NOWHERE) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_settings_that_are_missing_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("POSTGRES_DATABASE", "POSTGRES_USER", "POSTGRES_PASSWORD", "CATALOG_MEDIA_ROOT"):
        monkeypatch.delenv(f"NEWSREEL_{name}", raising=False)
    for words in (("import", str(tmp_path)), ("search", "rebuild")):
        arguments = parsed("catalog", *words)
        assert arguments.run(arguments) == 1
        assert "NEWSREEL_POSTGRES_DATABASE: " in capsys.readouterr().err
