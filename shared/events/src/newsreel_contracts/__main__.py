"""`python -m newsreel_contracts [--write | --html DIR]`."""

import argparse
import sys
from pathlib import Path

from newsreel_contracts.contract import Contract, examples
from newsreel_contracts.gate import breaks
from newsreel_contracts.generated import generated, outdated, site, write

_ADVICE = """
A published event keeps its fields and types for ever. Take the change back, or put a new version beside the
old one: another class, whose type ends in the next .v<n> (CONTRIBUTING.md, "Add an event").
"""


def main(arguments: list[str] | None = None) -> int:
    """0: all is well. 1: a breaking change. 2: a file is missing or not what the code says."""
    parser = argparse.ArgumentParser(prog="python -m newsreel_contracts", description=__doc__)
    parser.add_argument(
        "--write", action="store_true", help="make the generated files new; refused on a break"
    )
    parser.add_argument(
        "--html", type=Path, metavar="DIR", help="write a page of all events, and its documents, into DIR"
    )
    options = parser.parse_args(arguments)
    if options.html is not None:
        write(site(), options.html)
        return 0
    now = Contract.of()
    found = breaks(Contract.committed(), now)
    if found:
        print("The contract is broken:", *found, _ADVICE, sep="\n", file=sys.stderr)
        return 1
    missing = sorted(now.schemas.keys() - examples())
    if missing:
        print("Write a golden record for each of these, once (`validate` checks it):", file=sys.stderr)
        print(*(f"  shared/events/examples/{name}.json" for name in missing), sep="\n", file=sys.stderr)
        return 2
    stale = outdated(generated())
    if options.write:
        write(stale)
    elif stale:
        print(
            "Not what the models and the topics table say:",
            *sorted(map(str, stale)),
            sep="\n  ",
            file=sys.stderr,
        )
        print("Run `.venv/bin/python -m newsreel_contracts --write` and commit them.", file=sys.stderr)
        return 2
    print(f"{len(now.schemas)} event types on {len(now.topics)} topics: the contract holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
