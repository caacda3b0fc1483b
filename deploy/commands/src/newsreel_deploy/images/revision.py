"""Which commit the images are built from."""

import subprocess

from newsreel_local.paths import CHECKOUT


def revision() -> str:
    """The commit's name, `unknown` without Git or its history, with `-changed` when files differ from it."""
    try:
        commit = _git("rev-parse", "HEAD")
        return f"{commit}-changed" if _git("status", "--porcelain") else commit
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=CHECKOUT, capture_output=True, text=True, check=True)  # noqa: S603, S607 (words of ours)
    return done.stdout.strip()
