"""Whether something made from files is still what it would be made to now: told without importing them."""

import hashlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from newsreel_local.process import StartError


def of_packages(names: Iterable[str], suffixes: tuple[str, ...]) -> str:
    """A digest of all files with these suffixes in these packages. `StartError` when one is missing."""
    digest = hashlib.sha256()
    for name in names:
        found = find_spec(name)
        if found is None or found.origin is None:
            raise StartError(f"the package {name} is missing: run `make up`, which installs it")
        folder = Path(found.origin).parent
        for path in sorted(folder.rglob("*")):
            if path.suffix in suffixes:
                digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def is_current(stamp: Path, digest: str) -> bool:
    """Whether `stamp` was written for this very digest."""
    try:
        return stamp.read_text() == digest
    except FileNotFoundError:
        return False
