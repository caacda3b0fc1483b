"""What a developer sees: the command that `make check` runs, on a copy of the contract."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The parts of a checkout that the command looks at."""
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("shared/events", "docs"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder, ignore=ignored)
    return tmp_path


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(copy / "shared/events/src")}
    command = [sys.executable, "-m", "newsreel_contracts", *arguments]
    return subprocess.run(command, env=environment, cwd=copy, capture_output=True, text=True, check=False)


def edit(copy: Path, module: str, change: Callable[[str], str]) -> None:
    file = copy / "shared/events/src/newsreel_events" / module
    before = file.read_text()
    after = change(before)
    assert after != before
    file.write_text(after)


def test_the_contract_as_it_is_passes(copy: Path) -> None:
    done = run(copy)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_renamed_field_fails_and_names_its_consumers(copy: Path) -> None:
    edit(copy, "identity.py", lambda text: text.replace("    address: str", "    mail: str"))
    schemas = {path: path.read_bytes() for path in copy.rglob("schemas/*.json")}
    for arguments in ((), ("--write",)):
        done = run(copy, *arguments)
        assert done.returncode == 1
        assert (
            "identity.code.signup-requested.v1: field-renamed: `address`: it is called `mail`" in done.stderr
        )
        assert "breaks: notifier" in done.stderr
        assert {path: path.read_bytes() for path in schemas} == schemas


def test_a_new_optional_field_asks_for_new_files_and_gets_them(copy: Path) -> None:
    edit(
        copy,
        "notifier.py",
        lambda text: text.replace("    occurred_at:", '    lane: str = ""\n    occurred_at:'),
    )
    done = run(copy)
    assert done.returncode == 2
    assert "shared/events/schemas/newsreel.notifier.mail.accepted.v1.json" in done.stderr
    assert run(copy, "--write").returncode == 0
    assert run(copy).returncode == 0


def test_a_type_that_nobody_reads_can_be_retired(copy: Path) -> None:
    edit(copy, "topics.py", lambda text: text.replace("delivery.DownloadRedeemedV1,", ""))
    assert "redeemed.v1: type-removed" in run(copy, "--write").stderr
    for folder in ("schemas", "examples"):
        (copy / f"shared/events/{folder}/newsreel.delivery.download.redeemed.v1.json").unlink()
    assert run(copy, "--write").returncode == 0
    assert "redeemed" not in (copy / "shared/events/topics.json").read_text()


def test_a_new_type_needs_a_golden_record(copy: Path) -> None:
    added = 'class MailOpenedV1(_Mail):\n    type: ClassVar[str] = "newsreel.notifier.mail.opened.v1"\n'
    edit(copy, "notifier.py", lambda text: f"{text}\n\n{added}")
    edit(
        copy,
        "topics.py",
        lambda text: text.replace(
            "notifier.MailExpiredV1,", "notifier.MailExpiredV1, notifier.MailOpenedV1,"
        ),
    )
    done = run(copy, "--write")
    assert done.returncode == 2
    assert "shared/events/examples/newsreel.notifier.mail.opened.v1.json" in done.stderr
    folder = copy / "shared/events/examples"
    (folder / "newsreel.notifier.mail.opened.v1.json").write_text(
        (folder / "newsreel.notifier.mail.accepted.v1.json").read_text().replace("accepted", "opened")
    )
    assert run(copy, "--write").returncode == 0
    assert "mail.opened" in (copy / "docs/flow.md").read_text()


def test_make_check_runs_it_before_what_a_rename_breaks_too() -> None:
    recipe = (CHECKOUT / "Makefile").read_text().partition("\ncheck:")[2].partition("\n\n")[0]
    assert 0 < recipe.find("-m newsreel_contracts\n") < recipe.find("mypy")
