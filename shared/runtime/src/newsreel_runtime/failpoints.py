"""Named places where a test kills the process. Nothing at all unless `NEWSREEL_FAILPOINTS` names one.

`NEWSREEL_FAILPOINTS=relay.fetched:3` dies (SIGKILL) the third time that the place is reached. With
`NEWSREEL_FAILPOINTS_DIR` set, a name fires once per folder: the restarted process goes on.
"""

import os
import signal
from collections import Counter
from pathlib import Path

NAMES = frozenset(
    {
        "relay.fetched",
        "relay.acknowledged",
        "consumer.applied",
        "consumer.committed",
        "parking.held",
        "parking.sent",
        "mail.queued",
        "media.removed",
        "mail.claimed",
        "newsletter.made",
        "newsletter.queued",
        "mail.delivered",
        "mail.recorded",
        "audit.chained",
        "editorial.stopped",
        "recall.collected",
        "recall.noticed",
    }
)
_ALLOWED = frozenset({"test", "local"})


def _armed(environment: dict[str, str]) -> dict[str, int]:
    text = environment.get("NEWSREEL_FAILPOINTS", "")
    if not text:
        return {}
    if environment.get("NEWSREEL_ENVIRONMENT") not in _ALLOWED:
        raise SystemExit(
            "NEWSREEL_FAILPOINTS is for tests and the local stack (NEWSREEL_ENVIRONMENT=test|local)"
        )
    armed = {}
    for part in text.split(","):
        name, _, count = part.partition(":")
        if name not in NAMES:
            raise SystemExit(f"NEWSREEL_FAILPOINTS names {name!r}; known are {', '.join(sorted(NAMES))}")
        armed[name] = int(count or 1)
    return armed


_points = _armed(dict(os.environ))
_reached: Counter[str] = Counter()


def fail_point(name: str) -> None:
    """Mark that the process is at this place; die here when a test said so."""
    if not _points:
        return
    _reached[name] += 1
    if _points.get(name) != _reached[name]:
        return
    folder = os.environ.get("NEWSREEL_FAILPOINTS_DIR")
    if folder:
        try:
            (Path(folder) / name).touch(exist_ok=False)
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
