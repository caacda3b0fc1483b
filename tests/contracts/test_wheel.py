"""The wheel alone, as another team installs it: pydantic and nothing else, on the oldest Python too."""

import ast
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from newsreel_events import EVENTS, TOPICS
from newsreel_local.paths import CHECKOUT

EVENTS_FOLDER = CHECKOUT / "shared/events"
OLDEST = (3, 10)
PYDANTIC_BRINGS = {"annotated-types", "pydantic-core", "typing-extensions", "typing-inspection"}
AWAY = ("dns error", "error sending request", "connect", "timed out", "not found in the cache", "offline")


def uv() -> str:
    own = CHECKOUT / ".local/uv/bin/uv"
    return str(own) if own.exists() else shutil.which("uv") or "uv"


def oldest_python() -> str | None:
    """A Python 3.10 of this machine that runs."""
    found = [shutil.which("python3.10"), *Path.home().glob(".pyenv/versions/3.10.*/bin/python")]
    for candidate in map(str, filter(None, found)):
        if subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=EVENTS_FOLDER, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(params=["this Python", "the oldest Python"])
def alone(request: pytest.FixtureRequest, wheel: Path, tmp_path: Path) -> Path:
    """The Python of an environment that holds nothing else."""
    python = sys.executable if request.param == "this Python" else oldest_python()
    if python is None:
        pytest.skip("there is no Python 3.10 here")
    place = tmp_path / "alone"
    subprocess.run([uv(), "venv", "--quiet", "--python", python, str(place)], check=True)
    install = [uv(), "pip", "install", "--quiet", "--python", str(place / "bin/python"), str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, check=False, cwd=tmp_path)
    if done.returncode != 0 and any(word in done.stderr.lower() for word in AWAY):
        pytest.skip("pydantic cannot be fetched: no network")
    assert done.returncode == 0, done.stderr
    return place / "bin/python"


def run(python: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(python), "-I", "-m", "newsreel_events", *arguments]
    return subprocess.run(
        command, input=given, capture_output=True, text=True, check=False, cwd=python.parent
    )


def test_it_brings_pydantic_and_nothing_else_and_works(alone: Path) -> None:
    listed = [uv(), "pip", "list", "--format", "json", "--python", str(alone)]
    there = {
        load["name"] for load in json.loads(subprocess.run(listed, capture_output=True, check=True).stdout)
    }
    assert there - PYDANTIC_BRINGS == {"newsreel-events", "pydantic"}
    topics = run(alone, "topics")
    assert (topics.returncode, topics.stderr) == (0, "")
    assert all(topic.name in topics.stdout for topic in TOPICS)
    example = run(alone, "show", next(iter(EVENTS)), "--example")
    assert run(alone, "validate", "-", given=example.stdout).returncode == 0
    every = run(alone, "validate", *map(str, (EVENTS_FOLDER / "examples").glob("*.json")))
    assert (every.returncode, len(every.stdout.splitlines())) == (0, len(EVENTS))
    assert run(alone, "validate", "-", given="{}").returncode == 1
    tail = run(alone, "tail", "catalog.video.v1")
    assert tail.returncode == 1
    assert "aiokafka is missing: pip install 'newsreel-events[tail]'" in tail.stderr


def too_new(folder: Path) -> list[str]:
    """The modules whose syntax the oldest Python does not read."""
    found = []
    for module in sorted(folder.rglob("*.py")):
        try:
            ast.parse(module.read_text(), feature_version=OLDEST)
        except SyntaxError:
            found.append(module.name)
    return found


def test_the_oldest_python_reads_it(tmp_path: Path) -> None:
    manifest = tomllib.loads((EVENTS_FOLDER / "pyproject.toml").read_text())
    assert manifest["project"]["requires-python"] == ">=" + ".".join(map(str, OLDEST))
    assert too_new(EVENTS_FOLDER / "src/newsreel_events") == []
    (tmp_path / "later.py").write_text("try:\n    pass\nexcept* ValueError:\n    pass\n")
    assert too_new(tmp_path) == ["later.py"]
