"""One stack a folder: a lock that ends with the process that holds it, and what that one says of itself."""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass, field
from typing import IO

from newsreel_local.paths import LocalDir
from newsreel_local.process import StartError

_ATTEMPTS = 10
_PAUSE = 0.05


@dataclass(frozen=True)
class State:
    """What a running stack says: its supervisor, its first port, whether it is ready, its processes."""

    pid: int
    base: int
    ready: bool = False
    pids: dict[str, int] = field(default_factory=dict)


def read(local: LocalDir) -> State | None:
    """The state of the stack that runs in this folder, or nothing when none does."""
    if not is_held(local):
        return None
    try:
        return State(**json.loads((local.root / "up.json").read_bytes()))
    except (OSError, ValueError, TypeError):  # it begins at this moment
        return None


def write(local: LocalDir, state: State) -> None:
    """Say it to whoever asks; readers see the old or the new state, never a half."""
    unfinished = local.root / f"up.{os.getpid()}.part"
    unfinished.write_text(json.dumps(asdict(state)))
    unfinished.replace(local.root / "up.json")


def take_lock(local: LocalDir) -> IO[bytes]:
    """Become this folder's only stack until the returned file is closed. `StartError` when one runs."""
    file = local.lock.open("ab")
    for _ in range(_ATTEMPTS):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_PAUSE)  # whoever only asks whether a stack runs holds it for a moment
        else:
            return file
    file.close()
    running = read(local)
    who = f" (process {running.pid})" if running else ""
    raise StartError(f"Newsreel is already running here{who}: `make down` stops it")


def is_held(local: LocalDir) -> bool:
    """Whether a stack runs in this folder."""
    if not local.lock.exists():
        return False
    with local.lock.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
