"""`newsreel outbox …`: events that Kafka refused for good; look, put back, or drop."""

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING
from uuid import UUID

from newsreel_runtime.operators import add_command
from newsreel_runtime.sql import Sql

if TYPE_CHECKING:
    from newsreel_runtime.operators import Groups

_NOT_ALL, _USAGE, _AWAY = 1, 2, 3
_EPILOG = """\
settings: NEWSREEL_POSTGRES_… as the service has them whose outbox it is.
exit code: 0 done; 1 not for all of them; 2 usage or settings; 3 the database is out of reach."""
_COMMANDS = {
    "ls": "List the dead events, and how many wait behind each.",
    "show": "Print what one event carries, byte for byte.",
    "retry": "Put events back in front of those that wait for them; the relay sends them again.",
    "drop": "Forget events for ever; those that waited behind them are sent.",
}


def register(groups: "Groups") -> None:
    group = groups.add_parser("outbox", help="events that Kafka refused: look, put back, drop")
    commands = group.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in _COMMANDS.items():
        parser = add_command(commands, name, summary, _EPILOG)
        if name != "ls":
            parser.add_argument(
                "events", nargs="*", type=UUID, metavar="EVENT", help="its id, as ls prints it"
            )
        if name in {"retry", "drop"}:
            parser.add_argument("--all", action="store_true", help="all dead events")
            parser.add_argument("--topic", help="with --all: only those of this topic")
            parser.add_argument(
                "--dry-run", action="store_true", help="say what would be done, and do nothing"
            )
        if name == "show":
            parser.add_argument("--private", action="store_true", help="show personal data of private topics")
        parser.set_defaults(run=_run, act=name)


def _run(arguments: argparse.Namespace) -> int:
    import asyncpg
    from pydantic import ValidationError

    from newsreel_runtime.database import DATABASE_ERRORS, connection_arguments
    from newsreel_runtime.settings import Postgres, what_is_wrong

    try:
        settings = Postgres()
    except ValidationError as error:
        print(what_is_wrong(error), file=sys.stderr)
        return _USAGE

    async def act() -> int:
        connection = await asyncpg.connect(**connection_arguments(settings))
        try:
            return await _act(connection, arguments)
        finally:
            await connection.close()

    try:
        return asyncio.run(act())
    except DATABASE_ERRORS as error:
        print(f"the database cannot be asked: {type(error).__qualname__}", file=sys.stderr)
        return _AWAY


async def _act(sql: Sql, arguments: argparse.Namespace) -> int:
    from newsreel_runtime.publisher import outbox_dead

    if arguments.act == "ls":
        return await _ls(sql)
    if arguments.act == "show":
        return await _show(sql, arguments.events, arguments.private)
    events: list[UUID] = arguments.events
    if arguments.all:
        dead = await outbox_dead.listed(sql, limit=1_000_000)
        events = [event.id for event in dead if arguments.topic in (None, event.topic)]
    elif not events:
        print("newsreel outbox: say which events, or --all", file=sys.stderr)
        return _USAGE
    word = "put back" if arguments.act == "retry" else "dropped"
    if arguments.dry_run:
        print(f"newsreel outbox: {len(events)} would be {word}; nothing was done", file=sys.stderr)
        return 0
    change = outbox_dead.retry if arguments.act == "retry" else outbox_dead.drop
    done = set(await change(sql, events))
    for event in arguments.events:
        print(f"{event} {word if event in done else 'is not among the dead'}")
    print(f"newsreel outbox: {len(done)} {word}", file=sys.stderr)
    return 0 if done == set(events) else _NOT_ALL


async def _ls(sql: Sql) -> int:
    from newsreel_runtime.publisher import outbox_dead

    dead = await outbox_dead.listed(sql)
    for event in dead:
        print(
            f"{event.id}  {event.topic}  {event.key}  {event.type}  {event.size} bytes  {event.reason}"
            f"  {event.attempts} tries  {event.died_at:%Y-%m-%dT%H:%M:%SZ}  {event.waiting} wait behind it"
        )
    if not dead:
        print("newsreel outbox: nothing is dead", file=sys.stderr)
    return 0


async def _show(sql: Sql, events: list[UUID], private: bool) -> int:
    from newsreel_events.topics import TOPICS
    from newsreel_runtime.publisher import outbox_dead

    public = {topic.name for topic in TOPICS if topic.public}
    by_id = {dead.id: dead for dead in await outbox_dead.listed(sql)}
    code = 0
    for event in events:
        dead = by_id.get(event)
        if dead is None or not (private or dead.topic in public):
            reason = (
                "is not among the dead" if dead is None else f"{dead.topic} is private: --private shows it"
            )
            print(f"{event}: {reason}", file=sys.stderr)
            code = _NOT_ALL
            continue
        sys.stdout.buffer.write(await outbox_dead.payload(sql, event) or b"")
        sys.stdout.buffer.write(b"\n")
    return code
