"""The bootstrap: what cannot be installed is said in one line, and `ready` is written only at the end."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from newsreel_local.paths import CHECKOUT

BOOTSTRAP = Path("deploy/local/bootstrap.py")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The manifests, the lock and the bootstrap alone."""
    manifests = [path.relative_to(CHECKOUT) for path in CHECKOUT.glob("*/*/pyproject.toml")]
    for path in (*manifests, BOOTSTRAP, Path("requirements.lock"), Path("pyproject.toml")):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / path, tmp_path / path)
    return tmp_path


def bootstrap(checkout: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(checkout / BOOTSTRAP), "-c", "print('in the environment')"]
    return subprocess.run(
        command, env=os.environ | variables, capture_output=True, text=True, timeout=120, check=False
    )


def test_without_the_network_it_says_so_and_leaves_nothing_that_looks_ready(checkout: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"), nowhere)
    cut_off = {"UV_CACHE_DIR": str(checkout / "cache"), "UV_HTTP_RETRIES": "0", "PIP_RETRIES": "0"}
    result = bootstrap(checkout, **proxies, **cut_off, NO_PROXY="", no_proxy="")
    (line,) = result.stderr.splitlines()
    assert result.returncode == 1
    assert "network" in line
    assert not (checkout / ".venv" / "ready").exists()


def test_an_environment_that_is_ready_is_used_at_once(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    namespace: dict[str, object] = {"__name__": "bootstrap", "__file__": str(checkout / BOOTSTRAP)}
    exec((checkout / BOOTSTRAP).read_text(), namespace)  # noqa: S102 (a script of ours, standing in another folder)
    digest = namespace["digest"]
    assert callable(digest)
    (checkout / ".venv" / "ready").write_text(digest())
    result = bootstrap(checkout)
    assert (result.returncode, result.stdout) == (0, "in the environment\n")


def test_an_incomplete_checkout_is_said_in_one_line(checkout: Path) -> None:
    (checkout / "requirements.lock").unlink()
    result = bootstrap(checkout)
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1)
