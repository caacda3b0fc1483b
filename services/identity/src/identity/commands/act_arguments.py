"""What each change by an operator takes: a reason, a name, a yes."""

import argparse


def add_note(parser: argparse.ArgumentParser) -> None:
    """The arguments of a change."""
    parser.add_argument(
        "--reason", required=True, help="kept with who did it, also when what was changed is gone"
    )
    parser.add_argument("--as", dest="operator", metavar="NAME", help="who you are; else the system's user")
    parser.add_argument("--yes", action="store_true", help="without it, you are asked")
