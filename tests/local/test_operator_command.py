"""`make newsreel` where nothing runs, and with what it does not know."""

import asyncio
import os
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("service", "code", "said"),
    [
        ("delivery", 1, "nothing runs here"),
        ("bus", 1, "nothing runs here"),
        ("portal", 2, "invalid choice: 'portal'"),
    ],
)
async def test_it_says_what_is_missing(service: str, code: int, said: str, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "newsreel_local", "newsreel", service, "dlq", "ls"),
        env=os.environ | {"NEWSREEL_LOCAL_DIR": str(tmp_path)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    assert process.returncode == code
    assert said in err.decode()
