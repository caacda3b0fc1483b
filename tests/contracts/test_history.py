"""A schema that was edited by hand, gate or not: today's models keep every promise that a commit made."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from newsreel_contracts.contract import EVENTS_FOLDER, Contract, as_text
from newsreel_contracts.gate import Break, breaks
from newsreel_events.schemas import JsonSchema

NOW = Contract.of()


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    command = ["git", "-C", str(folder), *identity, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def once_committed(folder: Path) -> Iterator[tuple[str, JsonSchema]]:
    """Each version of each schema in `folder` that some commit of this branch held."""
    raw = git(
        folder, "log", "--raw", "--no-abbrev", "--no-renames", "--diff-filter=AM", "--format=", "--", "*.json"
    )
    lines = [line.split() for line in raw.splitlines()]
    for path, blob in sorted({(words[-1], words[3]) for words in lines}):
        yield Path(path).stem, json.loads(git(folder, "cat-file", "blob", blob))


def broken_since(folder: Path) -> list[Break]:
    """What some commit promised and the models do not keep. A type that was retired is promised no more."""
    kept = [(name, schema) for name, schema in once_committed(folder) if name in NOW.schemas]
    return [found for name, schema in kept for found in breaks(replace(NOW, schemas={name: schema}), NOW)]


def test_the_models_keep_what_commits_promised() -> None:
    if not (EVENTS_FOLDER.parents[1] / ".git").exists():
        pytest.skip("no git history here")
    assert broken_since(EVENTS_FOLDER / "schemas") == []


def test_a_promise_that_was_edited_away_is_found(tmp_path: Path) -> None:
    name = "newsreel.notifier.mail.accepted.v1"
    promised = json.loads(as_text(NOW.schemas[name]))
    promised["properties"]["lane"] = {"type": "string"}
    git(tmp_path, "init", "-q")
    for schema in (promised, NOW.schemas[name]):
        (tmp_path / f"{name}.json").write_text(as_text(schema))
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-qm", "a version")
    assert [(found.rule, found.subject) for found in broken_since(tmp_path)] == [("field-removed", name)]
