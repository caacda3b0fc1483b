"""requirements.lock: one lock for all members, hashes and no host names; checked against the manifests."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from newsreel_local.paths import CHECKOUT

_LOCK = CHECKOUT / "requirements.lock"


def _members() -> list[str]:
    workspace = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["uv"]["workspace"]
    folders = [CHECKOUT / member for member in workspace["members"]]
    return [tomllib.loads((folder / "pyproject.toml").read_text())["project"]["name"] for folder in folders]


def _uv() -> str:
    own = CHECKOUT / ".local" / "uv" / "bin" / "uv"
    return str(own) if own.exists() else shutil.which("uv") or "uv"


def _compile(output: Path) -> int:
    command = [_uv(), "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    command += ["--no-emit-index-url", "--no-header"]
    command += [word for member in _members() for word in ("--no-emit-package", member)]
    command += ["--group", "dev", "pyproject.toml", "-o", str(output)]
    environment = {name: text for name, text in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, check=False)  # noqa: S603 (words of ours)
    return done.returncode


def write() -> int:
    """Bring it up to date; versions that still fit stay."""
    return _compile(_LOCK)


def check() -> int:
    """1 when the lock does not fit the manifests, or when that cannot be found out."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / _LOCK.name
        shutil.copy(_LOCK, fresh)  # what is locked already stays as it is
        if _compile(fresh) != 0:
            print("requirements.lock cannot be checked: uv says why above", file=sys.stderr)
            return 1
        if fresh.read_text() != _LOCK.read_text():
            print("requirements.lock does not fit the manifests: run `make lock`", file=sys.stderr)
            return 1
    print("requirements.lock fits the manifests")
    return 0
