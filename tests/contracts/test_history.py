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
DECISION = "0015-open-values-and-one-contract.md"


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    command = ["git", "-C", str(folder), *identity, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def opening(folder: Path) -> str:
    """The commit from which on all is promised: decision 0015, made before anybody subscribed."""
    adding = git(folder, "log", "--diff-filter=A", "--format=%H", "--", f":/docs/decisions/{DECISION}")
    return adding.split()[-1] if adding else ""


def once_committed(folder: Path, since: str) -> Iterator[tuple[str, JsonSchema]]:
    """Each version of each schema in `folder` that the commit `since` or a later one held; "": any."""
    raw = ["log", "--raw", "--no-abbrev", "--no-renames", "--diff-filter=AM", "--format="]
    lines = git(folder, *raw, *([f"{since}..HEAD"] if since else []), "--", "*.json").splitlines()
    found = {(words[-1], words[3]) for words in map(str.split, lines)}
    if since:
        listed = git(folder, "ls-tree", since, "./").splitlines()
        found |= {(words[-1], words[2]) for words in map(str.split, listed)}
    for path, blob in sorted(found):
        yield Path(path).stem, json.loads(git(folder, "cat-file", "blob", blob))


def broken_since(folder: Path, since: str = "") -> list[Break]:
    """What some commit promised and the models do not keep. A type that was retired is promised no more."""
    kept = [(name, schema) for name, schema in once_committed(folder, since) if name in NOW.schemas]
    return [found for name, schema in kept for found in breaks(replace(NOW, schemas={name: schema}), NOW)]


def test_the_models_keep_what_commits_promised() -> None:
    if not (EVENTS_FOLDER.parents[1] / ".git").exists():
        pytest.skip("no git history here")
    since = opening(EVENTS_FOLDER)
    assert since, f"commit {DECISION}"
    assert broken_since(EVENTS_FOLDER / "schemas", since) == []


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
    assert [found.rule for found in broken_since(tmp_path, "HEAD^")] == ["field-removed"]
    assert broken_since(tmp_path, "HEAD") == []
