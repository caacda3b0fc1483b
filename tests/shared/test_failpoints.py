"""Fail points: nothing in production, death at the named place in a test."""

import os
import signal
import subprocess
import sys
from pathlib import Path

REACH = (
    "from newsreel_runtime.failpoints import fail_point as at\n"
    "for _ in range(3): at('relay.fetched')\nprint('alive')"
)


def run(**environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSREEL_")}
    return subprocess.run(
        [sys.executable, "-c", REACH], env=clean | environment, capture_output=True, text=True, check=False
    )


def test_nothing_happens_unless_one_is_named() -> None:
    assert run().stdout == "alive\n"


def test_the_process_dies_at_the_named_place() -> None:
    armed = {"NEWSREEL_ENVIRONMENT": "test", "NEWSREEL_FAILPOINTS": "relay.fetched:3"}
    result = run(**armed)
    assert (result.returncode, result.stdout) == (-signal.SIGKILL, "")


def test_a_restarted_process_goes_on(tmp_path: Path) -> None:
    armed = {
        "NEWSREEL_ENVIRONMENT": "test",
        "NEWSREEL_FAILPOINTS": "relay.fetched",
        "NEWSREEL_FAILPOINTS_DIR": str(tmp_path),
    }
    assert run(**armed).returncode == -signal.SIGKILL
    assert run(**armed).stdout == "alive\n"


def test_production_refuses_them() -> None:
    result = run(NEWSREEL_FAILPOINTS="relay.fetched")
    assert result.returncode == 1
    assert "test" in result.stderr


def test_an_unknown_name_is_refused() -> None:
    assert run(NEWSREEL_ENVIRONMENT="test", NEWSREEL_FAILPOINTS="relay.typo").returncode == 1
