"""By which name an operator stands in the history of a video."""

import argparse

_LONGEST_NAME = 120


def add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as",
        dest="operator",
        type=_name,
        metavar="NAME",
        help="who you are, for the history; else the system's user",
    )


def _name(text: str) -> str:
    from catalog.domain.plain_text import hidden_letter, is_legible

    if not is_legible(text) or hidden_letter(text) or len(text) > _LONGEST_NAME or "@" in text:
        raise argparse.ArgumentTypeError(f"one line of 1 to {_LONGEST_NAME} letters, and no mail address")
    return text
