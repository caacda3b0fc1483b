"""`python -m newsreel_testing.requests_until_told URL`: asks until SIGTERM, then prints what it got."""

import json
import signal
import sys
import time
import urllib.request
from collections import Counter


def main(url: str) -> None:
    """Print JSON: `answers`, counted by their first word, and `failures`. A connection for each request."""
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    answers: Counter[str] = Counter()
    failures: list[str] = []
    while not told:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 (the test's own address)
                answers[answer.read().split()[0].decode()] += 1
        except OSError as error:
            if answers:  # until the first answer, the nodes are still learning where the service is
                failures.append(repr(error))
        time.sleep(0.005)
    print(json.dumps({"answers": answers, "failures": failures}))


main(sys.argv[1])
