"""What each change by an operator takes: a reason, a name, a yes; and how its command ends."""

import argparse
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsreel_runtime.settings import Postgres

EXIT_CODES = "exit code: 0 done; 1 nothing was changed, and why; 2 settings; 3 the database is out of reach."


def add_note(parser: argparse.ArgumentParser) -> None:
    """The arguments of a change."""
    parser.add_argument(
        "--reason", required=True, help="kept with who did it, also when what was changed is gone"
    )
    parser.add_argument("--as", dest="operator", metavar="NAME", help="who you are; else the system's user")
    parser.add_argument("--yes", action="store_true", help="without it, you are asked")


def operator(arguments: argparse.Namespace) -> str:
    """Who acts; empty where the process's user has no name, as in a pod."""
    import os
    import pwd

    try:
        return arguments.operator or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""


def confirm(question: str, *, yes: bool) -> None:
    """Raises `ActRefusedError` unless the answer is yes, or was given before."""
    import sys

    from identity.domain.act import ActRefusedError

    if not yes:
        print(f"{question}? [y/N] ", end="", flush=True)
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise ActRefusedError("it was not confirmed: answer y, or give --yes")


def run(name: str, work: "Callable[[Postgres], Awaitable[None]]") -> int:
    """Do it on the database of the settings; returns the exit code."""
    import asyncio
    import sys

    from pydantic import ValidationError

    from identity.domain.act import ActRefusedError
    from newsreel_runtime.database import DATABASE_ERRORS
    from newsreel_runtime.settings import Postgres, what_is_wrong

    async def done() -> None:
        await work(Postgres())

    try:
        asyncio.run(done())
    except ActRefusedError as error:
        print(f"{name}: {error}; nothing was changed", file=sys.stderr)
        return 1
    except ValidationError as error:
        print(f"{name}: {what_is_wrong(error)}", file=sys.stderr)
        return 2
    except (OSError, *DATABASE_ERRORS) as error:
        print(f"{name}: the database is out of reach: {type(error).__name__}", file=sys.stderr)
        return 3
    return 0
