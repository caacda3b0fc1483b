"""The last release, whose services run beside those of this checkout while a cluster is updated."""

import shutil
import subprocess
from pathlib import Path

import pytest

from newsreel_local.paths import CHECKOUT


def release_commit() -> str:
    """The commit that `deploy/last-release` names; skips where this clone does not have it."""
    version, commit = (CHECKOUT / "deploy" / "last-release").read_text().split()
    if _git("cat-file", "-e", f"{commit}^{{commit}}").returncode != 0:
        pytest.skip(f"the commit of {version} is not in this clone: git fetch --unshallow")
    return commit


def files_of(commit: str, *folders: str) -> set[str]:
    """The paths below these folders at that commit."""
    return set(_git("ls-tree", "-r", "--name-only", commit, *folders).stdout.decode().split())


def new_migrations(commit: str) -> list[Path]:
    """Those of this checkout that the commit does not have."""
    known = files_of(commit, "services", "shared")
    folders = ("services/*/src/*/migrations/*.sql", "shared/*/src/*/migrations/*.sql")
    files = sorted(file for folder in folders for file in CHECKOUT.glob(folder))
    return [file for file in files if str(file.relative_to(CHECKOUT)) not in known]


def unpacked(commit: str) -> Path:
    """A folder with that commit's files, kept for the next time; its own installation goes into it."""
    folder = CHECKOUT / ".local" / "releases" / commit
    if folder.exists():
        return folder
    unfinished = folder.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    for words in (
        ("clone", "--quiet", "--no-checkout", ".", str(unfinished)),
        ("-C", str(unfinished), "checkout", commit),
    ):
        done = _git(*words)
        assert done.returncode == 0, done.stderr.decode()
    return unfinished.rename(folder)


def _git(*words: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "-C", str(CHECKOUT), *words]
    return subprocess.run(command, capture_output=True, check=False)
