"""The published vectors of the audit: by our code, and their hashes by a program that shares none with it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from delivery.commands.audit import verify_file
from delivery.commands.audit_file import AuditFileError, RecordLine
from delivery.domain.audit import canonical

_FILE = json.loads((Path(__file__).parents[2] / "services/delivery/vectors/audit.json").read_text())


@pytest.mark.parametrize("vector", _FILE["records"])
def test_the_hash_is_that_of_the_bytes(vector: dict[str, str]) -> None:
    program = shutil.which("sha256sum") or "sha256sum"
    said = subprocess.run([program], input=vector["canonical"].encode(), capture_output=True, check=True)
    assert said.stdout.decode().split()[0] == vector["hash"]


def test_the_bytes_are_those_of_the_lines() -> None:
    lines = [RecordLine.model_validate_json(line).record() for line in _FILE["files"][0]["lines"][1:-1]]
    assert [
        {
            "canonical": canonical(
                record.entry, record.day, record.number, record.recorded_at, record.previous
            ).decode(),
            "hash": record.hash,
        }
        for record in lines
    ] == _FILE["records"]


@pytest.mark.parametrize("file", _FILE["files"], ids=lambda file: file["name"])
def test_a_file_is_judged(file: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text("".join(f"{line}\n" for line in file["lines"]))
    try:
        whole = verify_file(path, ()) == 0
    except AuditFileError:
        whole = False
    assert whole == (file["expect"] == "whole")
    if file["expect"] not in {"whole", "refused"}:
        assert capsys.readouterr().out.startswith(file["expect"])
