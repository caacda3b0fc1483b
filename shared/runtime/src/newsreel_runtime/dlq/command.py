"""`newsreel dlq …`: look at what a group has parked, replay it to that group, or drop it."""

import argparse
import asyncio
import getpass
import re
import socket
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from newsreel_runtime.clock import now
from newsreel_runtime.operators import add_command

if TYPE_CHECKING:
    from newsreel_runtime.dlq.replay import Choice
    from newsreel_runtime.operators import Groups
    from newsreel_runtime.settings import Postgres

USAGE, AWAY = 2, 3
_AGO = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PLACE = re.compile(r"(.+)-(\d+)@(\d+)")
_EPILOG = """\
settings: NEWSREEL_KAFKA_… and NEWSREEL_POSTGRES_… as the group's service has them. ls and show do without the
database, and then list everything that Kafka keeps, whether or not it still waits.
exit code: 0 all done; 1 nothing matched, or not everything had its effect; 2 usage or settings; 3 Kafka or
the database is out of reach."""


def _since(text: str) -> datetime:
    ago = _AGO.fullmatch(text)
    if ago:
        return now() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("30s, 15m, 2h, 3d or a time like 2026-11-24T10:00:00Z") from None
    return moment if moment.tzinfo else moment.astimezone()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("a number from 1 up")
    return int(text)


def _parser(commands: "Groups", name: str, summary: str) -> argparse.ArgumentParser:
    parser = add_command(commands, name, summary, _EPILOG)
    parser.add_argument(
        "records", nargs="*", metavar="RECORD", help="topic-partition@offset, as ls prints it"
    )
    parser.add_argument(
        "--group", required=True, help="the consumer group that parked them, such as notifier"
    )
    parser.add_argument(
        "--topic", action="append", default=[], help="only of this topic (default: all of the group)"
    )
    parser.add_argument("--type", help="only events of this type")
    parser.add_argument("--since", type=_since, help="only those that failed since: 15m, 2h, 3d, or a time")
    parser.add_argument(
        "--exception", metavar="TYPE", help="only those that failed with this, such as KeyError"
    )
    parser.add_argument("--limit", type=_positive, metavar="N", help="only the first N")
    parser.set_defaults(run=_run, act=name)
    return parser


def register(groups: "Groups") -> None:
    group = groups.add_parser("dlq", help="parked records: look, replay, drop")
    commands = group.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, summary in (
        ("ls", "List what waits, a record a line."),
        ("show", "Show records byte for byte, and why they were parked."),
    ):
        looking = _parser(commands, name, summary)
        looking.add_argument("--json", action="store_true", help="a JSON object a line")
        looking.add_argument("--all", action="store_true", help="also those that wait no longer")
        looking.add_argument("--private", action="store_true", help="show personal data of private topics")
    replaying = _parser(
        commands, "replay", "Send records to their group again, each with all that waits under its key."
    )
    replaying.add_argument("--rate", type=_positive, metavar="N", help="at most N records a second")
    replaying.add_argument(
        "--wait", type=int, default=30, metavar="SECONDS", help="for the effects (default: %(default)s)"
    )
    dropping = _parser(commands, "drop", "Give records up: their effects never come, their keys flow again.")
    dropping.add_argument("--all", action="store_true", help="really all that waits")
    for acting in (replaying, dropping):
        acting.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        acting.add_argument("--operator", default=_operator(), help="who does it (default: %(default)s)")


def _operator() -> str:
    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (KeyError, OSError):
        return socket.gethostname()


def _say(text: str) -> None:
    print(f"newsreel dlq: {text}", file=sys.stderr)


def _choice(arguments: argparse.Namespace) -> "Choice":
    from newsreel_events import TOPICS
    from newsreel_runtime.consumer.record import Place
    from newsreel_runtime.dlq.replay import Choice, at_least_one_topic

    places = set()
    for text in arguments.records:
        read = _PLACE.fullmatch(text)
        if read is None:
            raise ValueError(f"{text} is no record: topic-partition@offset, as ls prints it")
        places.add(Place(read[1], int(read[2]), int(read[3])))
    topics = sorted({*arguments.topic, *(place.topic for place in places)})
    consumed = {topic.name for topic in TOPICS if arguments.group in topic.consumers}
    if strange := [name for name in topics if name not in consumed]:
        raise ValueError(f"{arguments.group} does not consume {', '.join(strange)}")
    if not consumed:
        raise ValueError(f"no topic has a consumer {arguments.group}")
    return at_least_one_topic(
        Choice(
            arguments.group,
            topics,
            frozenset(places),
            arguments.type,
            arguments.since,
            arguments.exception,
            arguments.limit,
        )
    )


def _run(arguments: argparse.Namespace) -> int:
    from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
    from pydantic import ValidationError

    from newsreel_runtime.database import DATABASE_ERRORS
    from newsreel_runtime.dlq.actions import act
    from newsreel_runtime.settings import Kafka, Telemetry, what_is_wrong
    from newsreel_runtime.telemetry import flush, set_up_traces

    try:
        choice, kafka = _choice(arguments), Kafka()
        postgres = _postgres(required=arguments.act in {"replay", "drop"})
    except ValidationError as error:
        _say(what_is_wrong(error))
        return USAGE
    except ValueError as error:
        _say(str(error))
        return USAGE
    provider = set_up_traces("newsreel", Telemetry())
    try:
        return asyncio.run(act(arguments, choice, kafka, postgres))
    except TopicAuthorizationFailedError:
        _say(f"Kafka refuses this login the dead letters of {choice.group}: its own service's has the right")
        return AWAY
    except (KafkaError, *DATABASE_ERRORS) as error:
        _say(f"Kafka or the database is out of reach, or refuses: {type(error).__qualname__}")
        return AWAY
    finally:
        flush([provider])


def _postgres(*, required: bool) -> "Postgres | None":
    """The group's database. Raises pydantic's `ValidationError` if it is `required` and not named."""
    from pydantic import ValidationError

    from newsreel_runtime.settings import Postgres

    try:
        return Postgres()
    except ValidationError:
        if required:
            raise
        return None
