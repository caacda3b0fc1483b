"""`make down` and `make reset`: end what runs in this folder; forget its data."""

import os
import shutil
import signal
import sys
import time

from newsreel_local import state
from newsreel_local.paths import DOWNLOADS, LocalDir

_DEADLINE = 90.0
_KEPT = ("downloads", "uv", "cache")


def down(local: LocalDir) -> int:
    """Ask the running stack to end and wait for it. 1 when it does not end in time."""
    if not state.is_held(local):
        print("Newsreel is not running here")
        return 0
    asked_at, asked = time.monotonic(), False
    while state.is_held(local):
        running = state.read(local)
        if running is not None and not asked:
            os.kill(running.pid, signal.SIGTERM)
            asked = True
        if time.monotonic() - asked_at > _DEADLINE:
            who = f"process {running.pid}" if running else "its supervisor"
            print(f"Newsreel does not end: look at {who} and {local.root / 'logs'}", file=sys.stderr)
            return 1
        time.sleep(0.05)
    print(f"stopped in {time.monotonic() - asked_at:.1f} s; its data is kept")
    return 0


def reset(local: LocalDir) -> int:
    """End it and remove all that it remembers; what was downloaded or made from downloads stays."""
    code = down(local)
    if code == 0 and local.root.exists():
        for path in local.root.iterdir():
            if path.name in _KEPT or path == DOWNLOADS:
                continue
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        print("forgotten: accounts, mails, videos, traces, passwords; kept: what was downloaded")
    return code
