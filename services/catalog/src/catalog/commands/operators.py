"""What a change by an operator takes: a name, a yes; and how its command ends."""

import argparse
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsreel_runtime.settings import Postgres

EXIT_CODES = "exit code: 0 done; 1 nothing was changed, and why; 2 settings; 3 the database is out of reach."

_LONGEST_NAME = 120


class NotConfirmedError(Exception):
    """The operator was asked and did not say yes."""


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


def operator(arguments: argparse.Namespace) -> str:
    """Who acts; empty where the process's user has no name, as in a pod."""
    import os
    import pwd

    try:
        return arguments.operator or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def confirm(question: str, *, yes: bool) -> None:
    """Raises `NotConfirmedError` unless the answer is yes, or was given before."""
    import sys

    if not yes:
        print(f"{question}? [y/N] ", end="", flush=True)
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise NotConfirmedError("it was not confirmed: answer y, or give --yes")


def run(name: str, work: "Callable[[Postgres], Awaitable[None]]") -> int:
    """Do it on the database of the settings; returns the exit code."""
    import asyncio
    import sys

    from pydantic import ValidationError

    from catalog.errors import ImportRefusedError
    from newsreel_runtime.database import DATABASE_ERRORS
    from newsreel_runtime.errors import ServiceError
    from newsreel_runtime.settings import Postgres, what_is_wrong

    try:
        settings = Postgres()
    except ValidationError as error:
        print(f"{name}: {what_is_wrong(error)}", file=sys.stderr)
        return 2
    try:
        asyncio.run(_done(work, settings))
    except (ImportRefusedError, NotConfirmedError, ServiceError) as error:
        lines = str(error).splitlines()
        if isinstance(error, ServiceError):
            fields = [f"{wrong.field}: {wrong.detail}" for wrong in error.fields]
            lines = fields or [f"{error.title}: {error.detail}"]
        print("\n".join(f"{name}: {line}" for line in (*lines, "nothing was changed")), file=sys.stderr)
        return 1
    except (OSError, *DATABASE_ERRORS) as error:
        print(f"{name}: the database is out of reach: {type(error).__name__}", file=sys.stderr)
        return 3
    return 0


async def _done(work: "Callable[[Postgres], Awaitable[None]]", settings: "Postgres") -> None:
    await work(settings)
