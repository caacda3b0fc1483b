"""The median and the largest Python file of the checkout: small files are a rule of the house."""

import statistics
import sys

from newsreel_local.paths import CHECKOUT

_MEDIAN_BELOW = 80
_LARGEST = 400
_FOLDERS = ("shared", "services", "deploy", "tests")


def main() -> int:
    """Print both; 1 when the median is 80 lines or more or a file has more than 400."""
    lines = {
        path.relative_to(CHECKOUT): len(path.read_text().splitlines())
        for folder in _FOLDERS
        for path in (CHECKOUT / folder).rglob("*.py")
    }
    counted = {path: count for path, count in lines.items() if count > 0}
    median = statistics.median(counted.values())
    largest = max(counted, key=lambda path: counted[path])
    print(f"{len(counted)} Python files: median {median:.0f} lines, largest {counted[largest]} ({largest})")
    too_large = [path for path, count in counted.items() if count > _LARGEST]
    for path in too_large:
        print(f"{path} has {counted[path]} lines, at most {_LARGEST} are allowed", file=sys.stderr)
    if median >= _MEDIAN_BELOW:
        print(f"the median is to be below {_MEDIAN_BELOW} lines", file=sys.stderr)
    return 1 if too_large or median >= _MEDIAN_BELOW else 0
