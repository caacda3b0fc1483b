"""Lines of Python: small files are a rule of the house, and `--against` says what a change added where."""

import io
import statistics
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Mapping

from newsreel_local.paths import CHECKOUT

_MEDIAN_BELOW = 80
_LARGEST = 400
_FOLDERS = ("shared", "services", "deploy", "benchmarks", "tests")


def main(against: str | None) -> int:
    """Print median, largest file and a table by folder; 1 when the median is 80 lines or a file above 400.

    `against` is a commit; its lines stand beside those of the working tree.
    """
    lines = _lines_here()
    counted = {
        path: count for path, count in lines.items() if count > 0 and not path.startswith("benchmarks/")
    }
    median = statistics.median(counted.values())
    largest = max(counted, key=lambda path: counted[path])
    print(f"{len(counted)} Python files: median {median:.0f} lines, largest {counted[largest]} ({largest})")
    if against is not None:
        _print_table(_lines_at(against), lines)
    too_large = [path for path, count in counted.items() if count > _LARGEST]
    for path in too_large:
        print(f"{path} has {counted[path]} lines, at most {_LARGEST} are allowed", file=sys.stderr)
    if median >= _MEDIAN_BELOW:
        print(f"the median is to be below {_MEDIAN_BELOW} lines", file=sys.stderr)
    return 1 if too_large or median >= _MEDIAN_BELOW else 0


def _lines_here() -> dict[str, int]:
    return {
        str(path.relative_to(CHECKOUT)): len(path.read_text().splitlines())
        for folder in _FOLDERS
        for path in (CHECKOUT / folder).rglob("*.py")
    }


def _lines_at(commit: str) -> dict[str, int]:
    archived = subprocess.run(  # noqa: S603 (git's own words)
        ["git", "archive", commit, "--", *_FOLDERS],  # noqa: S607 (git as the shell finds it)
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as files:
        read = ((entry.name, files.extractfile(entry)) for entry in files if entry.name.endswith(".py"))
        return {name: len(file.read().splitlines()) for name, file in read if file is not None}


def _folder(path: str) -> str:
    """`services/identity` of `services/identity/src/…`; benchmarks and tests as wholes."""
    parts = path.split("/")
    return parts[0] if parts[0] in {"benchmarks", "tests"} else "/".join(parts[:2])


def _by_folder(lines: Mapping[str, int]) -> Counter[str]:
    summed: Counter[str] = Counter()
    for path, count in lines.items():
        summed[_folder(path)] += count
    return summed


def _print_table(before: Mapping[str, int], after: Mapping[str, int]) -> None:
    old, new = _by_folder(before), _by_folder(after)
    rows = [(folder, old[folder], new[folder]) for folder in sorted({*old, *new})]
    outside = [row for row in rows if row[0] != "tests"]
    rows.append(("outside tests", sum(row[1] for row in outside), sum(row[2] for row in outside)))
    print("| folder | before | after | |\n|---|---|---|---|")
    for folder, first, second in rows:
        print(f"| {folder} | {first} | {second} | {second - first:+} |")
