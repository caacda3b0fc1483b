"""`newsreel bus republish TOPIC`: the state of all entities anew, for a topic that lost it."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

if TYPE_CHECKING:
    from newsreel_runtime.database import Database
    from newsreel_runtime.transaction import Tx

    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 (argparse names it in no other way)

# What a service registers for a topic as entry point: it locks the next entities behind an id, records the
# state of each, and returns their ids in order; none at the end.
Republisher: TypeAlias = "Callable[[Tx, UUID], Awaitable[Sequence[UUID]]]"

_GROUP = "newsreel.republish"
_DONE, _NOT_ALL, _USAGE, _AWAY = 0, 1, 2, 3
_MOST = 1000  # events in the outbox, above which this waits: a code's mail must not queue behind all accounts
_LOOK = 0.1
_EPILOG = """\
settings: NEWSREEL_POSTGRES_… as the topic's producer has them; it runs where that service is installed.
exit code: 0 done; 1 an event is too large; 2 usage or settings; 3 the database is out of reach."""


def register(commands: "Groups") -> None:
    parser = commands.add_parser(
        "republish",
        help="the state of a compacted topic anew",
        description="Write the state of every entity into the outbox; once more does no harm.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("topic")
    parser.add_argument(
        "--after",
        type=UUID,
        default=UUID(int=0),
        metavar="ID",
        help="go on behind it: a line of a run says which",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from pydantic import ValidationError

    from newsreel_runtime.database import DATABASE_ERRORS, Database
    from newsreel_runtime.outbox import PayloadTooLargeError
    from newsreel_runtime.settings import Postgres, what_is_wrong

    points = tuple(entry_points(group=_GROUP, name=arguments.topic))
    if not points:
        return _refuse(_why_not(arguments.topic), _USAGE)
    republisher: Republisher = points[0].load()

    async def act() -> None:
        async with Database.open(Postgres()) as database:
            await republish(database, arguments.topic, republisher, arguments.after)

    try:
        asyncio.run(act())
    except ValidationError as error:
        return _refuse(what_is_wrong(error), _USAGE)
    except PayloadTooLargeError as error:
        return _refuse(f"{error}; what was said above is done", _NOT_ALL)
    except DATABASE_ERRORS as error:
        return _refuse(f"the database cannot be asked: {type(error).__qualname__}", _AWAY)
    return _DONE


def _why_not(topic: str) -> str:
    from newsreel_events.topics import TOPICS

    owners = {known.name: known.producer for known in TOPICS if known.compacted}
    if topic in owners:
        return (
            f"{topic} belongs to {owners[topic]}: run this where that service is installed, with its settings"
        )
    return f"{topic} holds no state; those that do: {', '.join(owners)}"


def _refuse(why: str, code: int) -> int:
    print(f"bus republish: {why}", file=sys.stderr)
    return code


async def republish(database: "Database", topic: str, republisher: Republisher, after: UUID) -> None:
    """One transaction a batch, and a line each. Raises `PayloadTooLargeError` or errors of the database."""
    began, done = time.monotonic(), 0
    while True:
        await _until_there_is_room(database)
        async with database.begin() as tx:
            batch = await republisher(tx, after)
        if not batch:
            break
        after, done = batch[-1], done + len(batch)
        seconds = time.monotonic() - began
        print(f"{topic}: {done} recorded, {seconds:.1f} s; goes on with --after {after}", flush=True)
    print(f"{topic}: all recorded, {done} in this run; they leave with the relay", flush=True)


async def _until_there_is_room(database: "Database") -> None:
    from newsreel_runtime import outbox

    is_said = False
    while True:
        async with database.read() as sql:
            if (await outbox.backlog(sql, _MOST)).rows < _MOST:
                return
        if not is_said:
            print(
                f"bus republish: {_MOST} events wait in the outbox; the relay has to send them",
                file=sys.stderr,
            )
            is_said = True
        await asyncio.sleep(_LOOK)
