"""A pytest plugin: the run fails when a test is skipped that `tests/expected_skips.txt` does not name."""

from pathlib import Path

import pytest

_FILE = "expected_skips.txt"
_SKIPPED = pytest.StashKey[dict[str, str]]()


def expected(folder: Path) -> set[str]:
    """The tests that a machine without the program in question may skip: node ids without parameters."""
    lines = (line.partition("#")[0].strip() for line in (folder / _FILE).read_text().splitlines())
    return {line for line in lines if line}


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[_SKIPPED] = {}
    config.pluginmanager.register(_Counter(config.stash[_SKIPPED]))


class _Counter:
    def __init__(self, skipped: dict[str, str]) -> None:
        self._skipped = skipped

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            self._skipped[report.nodeid.partition("[")[0]] = reason


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Exit code 1 for a new skip, although every test that ran has passed."""
    if session.exitstatus == 0 and _unexpected(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the skips that nobody expected, and what to do."""
    unexpected = _unexpected(config)
    for test in sorted(unexpected):
        terminalreporter.write_line(
            f"SKIPPED BUT NOT EXPECTED {test}: {config.stash[_SKIPPED][test]}", red=True
        )
    if unexpected:
        terminalreporter.write_line(f"mend what they need, or name them in tests/{_FILE} with the reason")


def _unexpected(config: pytest.Config) -> set[str]:
    skipped: dict[str, str] = config.stash[_SKIPPED]
    return skipped.keys() - expected(config.rootpath / "tests")
