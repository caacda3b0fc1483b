"""A start that cannot be: one line that says what to do, exit code 1, nothing left running."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from newsreel_local import state
from newsreel_local.paths import LocalDir
from newsreel_local.ports import free_base


def up(folder: Path, base: int | str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"NEWSREEL_LOCAL_DIR": str(folder), "NEWSREEL_PORT_BASE": str(base)}
    command = [sys.executable, "-m", "newsreel_local", "up"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    (line,) = result.stderr.splitlines()
    assert result.returncode == 1
    return line


def test_a_port_in_use_is_named_with_its_holder(tmp_path: Path) -> None:
    base = free_base()
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", base + 3))
        holder.listen()
        line = one_line(up(tmp_path, base))
    assert f"port {base + 3} (for catalog) is held by" in line
    assert f"(process {os.getpid()})" in line
    assert "NEWSREEL_PORT_BASE" in line
    assert not state.is_held(LocalDir(tmp_path))


def test_a_second_start_in_the_same_folder_says_so(tmp_path: Path) -> None:
    local = LocalDir.made(tmp_path)
    with state.take_lock(local):
        state.write(local, state.State(pid=4711, base=8400))
        assert one_line(up(tmp_path, free_base())) == (
            "newsreel: Newsreel is already running here (process 4711): `make down` stops it"
        )


@pytest.mark.parametrize("base", ["http", "80", "65530"])
def test_a_port_base_that_is_none_is_refused(tmp_path: Path, base: str) -> None:
    assert "NEWSREEL_PORT_BASE" in one_line(up(tmp_path, base))


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    from newsreel_local.secrets_file import load_or_make

    path = tmp_path / "secrets.json"
    made = load_or_make(path)
    assert load_or_make(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.postgres["identity"] not in repr(made)
