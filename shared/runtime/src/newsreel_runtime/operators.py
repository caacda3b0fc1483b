"""What operators' commands share: a parser, who acts, a yes, the database, and the exit code."""

import argparse
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsreel_runtime.database import Database
    from newsreel_runtime.settings import Postgres

    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 (argparse names it in no other way)

EXIT_CODES = "exit code: 0 done; 1 nothing was changed, and why; 2 settings; 3 the database is out of reach."


class NotConfirmedError(Exception):
    """The operator was asked and did not say yes."""


def add_command(commands: "Groups", name: str, summary: str, epilog: str) -> argparse.ArgumentParser:
    """A command whose help ends with `epilog` as it is written."""
    return commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def operator(arguments: argparse.Namespace) -> str:
    """Who acts: by `--as`, else the process's user; empty where that has no name, as in a pod."""
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


@asynccontextmanager
async def opened(settings: "Postgres") -> "AsyncIterator[Database]":
    """The service's database. At the end its relay, in another process, is told of what was emitted."""
    from newsreel_runtime.database import Database
    from newsreel_runtime.outbox import wake_relay

    emitted: list[bool] = []
    async with Database.open(settings) as database:
        database.on_emitted(lambda: emitted.append(True))
        yield database
        if emitted:
            async with database.read() as sql:
                await wake_relay(sql)


def run(name: str, work: "Callable[[Postgres], Awaitable[None]]", *refusals: type[Exception]) -> int:
    """Do it on the database of the settings, and say what is wrong; returns the exit code.

    `refusals`, and each `ServiceError`, say in a line or several why nothing was changed.
    """
    import asyncio
    import sys

    from pydantic import ValidationError

    from newsreel_runtime.database import DATABASE_ERRORS
    from newsreel_runtime.errors import ServiceError
    from newsreel_runtime.settings import Postgres, what_is_wrong

    async def done() -> None:
        await work(settings)

    refused: tuple[type[Exception], ...] = (NotConfirmedError, ServiceError, *refusals)
    try:
        settings = Postgres()
    except ValidationError as error:
        print(f"{name}: {what_is_wrong(error)}", file=sys.stderr)
        return 2
    try:
        asyncio.run(done())
    except refused as error:
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
