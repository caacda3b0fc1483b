"""A skip that nobody expected fails the run; one that is named does not."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SKIPPING = """
import pytest

@pytest.mark.parametrize("n", [1, 2])
def test_needs_a_program(n):
    pytest.skip("there is no such program here")
"""


def run(folder: Path, expected: str) -> subprocess.CompletedProcess[str]:
    """pytest, with the plugin, over a project whose only test skips."""
    tests = folder / "tests"
    tests.mkdir()
    (tests / "test_planted.py").write_text(SKIPPING)
    (tests / "conftest.py").write_text('pytest_plugins = ["newsreel_testing.skips"]\n')
    (tests / "expected_skips.txt").write_text(expected)
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {CHECKOUT / 'tests/support'}\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_skip_that_nobody_expected_fails_the_run(tmp_path: Path) -> None:
    result = run(tmp_path, "# nothing\n")
    assert result.returncode == pytest.ExitCode.TESTS_FAILED, result.stdout
    assert "tests/test_planted.py::test_needs_a_program: " in result.stdout
    assert "there is no such program here" in result.stdout


def test_a_skip_that_is_named_passes(tmp_path: Path) -> None:
    result = run(tmp_path, "tests/test_planted.py::test_needs_a_program # the program\n")
    assert result.returncode == pytest.ExitCode.OK, result.stdout


def test_every_expected_skip_is_a_test() -> None:
    from newsreel_testing.skips import expected

    for name in expected(CHECKOUT / "tests"):
        file, _, function = name.partition("::")
        assert f"def {function}(" in (CHECKOUT / file).read_text(), name
