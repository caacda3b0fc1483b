"""`newsreel bus …`: what the topics table wants of Kafka, planned, applied, and granted to other teams."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from newsreel_events.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from confluent_kafka import KafkaException

    from newsreel_runtime.settings import Kafka

    Run = Callable[[Kafka], Coroutine[Any, Any, int]]
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 (argparse names it in no other way)

_DONE, _ERROR, _DIFFERS = 0, 1, 2
_LOGIN = "an administrator's login stands in NEWSREEL_KAFKA_BOOTSTRAP, _USER, _PASSWORD and _TLS"


def register(commands: "Groups") -> None:
    plan = commands.add_parser(
        "plan",
        help="what differs from the topics table",
        epilog=f"Exit code 0: nothing differs, 2: something does, 1: it could not be found out; {_LOGIN}.",
    )
    plan.set_defaults(run=_plan)
    apply = commands.add_parser(
        "apply",
        help="create what is missing, set what differs",
        epilog=f"Deletes nothing, and may run as often as you like; {_LOGIN}.",
    )
    apply.add_argument("--add-partitions", action="store_true", help="to topics that have too few: keys move")
    apply.add_argument("--revoke", action="store_true", help="rights of ours that are not in the table")
    apply.add_argument(
        "--users", type=Path, metavar="FOLDER", help="SCRAM users: a file each, with the password in it"
    )
    apply.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="for a Kafka that starts")
    apply.set_defaults(run=_apply)
    public = [topic.name for topic in TOPICS if topic.public]
    grant = commands.add_parser("grant", help="let another team read public topics", epilog=f"{_LOGIN}.")
    grant.add_argument("team", help="its user, and the name that its consumer groups begin with")
    grant.add_argument(
        "--topics",
        type=lambda text: text.split(","),
        default=public,
        metavar="A,B",
        help=f"default: {', '.join(public)}",
    )
    grant.add_argument(
        "--group",
        help="the one group that it reads with; default: TEAM, and all that begin with TEAM.",
    )
    grant.add_argument("--revoke", action="store_true", help="take these rights away instead")
    grant.set_defaults(run=_grant)


def _plan(_: argparse.Namespace) -> int:
    async def run(kafka: "Kafka") -> int:
        from newsreel_bus.admin import admin_client
        from newsreel_bus.plan import compare

        found = await compare(admin_client(kafka))
        for line in found.lines():
            print(line)
        if found.empty:
            print("the bus is as the topics table says")
        return _DONE if found.empty else _DIFFERS

    return _with_kafka(run)


def _apply(arguments: argparse.Namespace) -> int:
    async def run(kafka: "Kafka") -> int:
        from newsreel_bus.apply import apply

        return await apply(
            kafka,
            users=arguments.users,
            more_partitions=arguments.add_partitions,
            revoke=arguments.revoke,
            wait=arguments.wait,
        )

    return _with_kafka(run)


def _grant(arguments: argparse.Namespace) -> int:
    unknown = set(arguments.topics) - {topic.name for topic in TOPICS if topic.public}
    if unknown:
        print(f"bus: not a public topic: {', '.join(sorted(unknown))}", file=sys.stderr)
        return _ERROR
    if arguments.group in {group for topic in TOPICS for group in topic.consumers}:
        print(f"bus: {arguments.group} is a group of ours: it would take our records", file=sys.stderr)
        return _ERROR

    async def run(kafka: "Kafka") -> int:
        from newsreel_bus import acls
        from newsreel_bus.admin import admin_client
        from newsreel_events.access import subscriber_rights

        topics = [topic for topic in TOPICS if topic.name in arguments.topics]
        rights = subscriber_rights(arguments.team, topics, arguments.group)
        bindings = frozenset(map(acls.binding, rights))
        await (acls.remove if arguments.revoke else acls.add)(admin_client(kafka), bindings)
        verb = "may no longer read" if arguments.revoke else "may read"
        group = arguments.group or f"{arguments.team} and {arguments.team}.*"
        print(
            f"{arguments.team} {verb} {', '.join(topic.name for topic in topics)}, "
            f"in the group{'' if arguments.group else 's'} {group}"
        )
        return _DONE

    return _with_kafka(run)


def _reason(kafka: "Kafka", error: "KafkaException") -> str:
    """The broker's text on a refusal is a dump of its request."""
    from confluent_kafka import KafkaError

    refused = (KafkaError.CLUSTER_AUTHORIZATION_FAILED, KafkaError.TOPIC_AUTHORIZATION_FAILED)
    if error.args[0].code() in refused:
        return f"{kafka.user} may not do this ({error.args[0].name()}); {_LOGIN}"
    return str(error.args[0].str())


def _with_kafka(run: "Run") -> int:
    """Run it with the administrator's settings; errors of Kafka and of the settings in one line."""
    from confluent_kafka import KafkaException
    from pydantic import ValidationError

    from newsreel_bus.users import UsersError
    from newsreel_runtime.settings import Kafka, what_is_wrong

    try:
        kafka = Kafka()
    except ValidationError as error:
        print(f"bus: {what_is_wrong(error)}", file=sys.stderr)
        return _ERROR
    try:
        return asyncio.run(run(kafka))
    except KafkaException as error:
        print(f"bus: Kafka at {kafka.bootstrap}: {_reason(kafka, error)}", file=sys.stderr)
    except TimeoutError:
        print(f"bus: Kafka at {kafka.bootstrap} does not apply what it was told", file=sys.stderr)
    except (UsersError, OSError) as error:
        print(f"bus: {error}", file=sys.stderr)
    return _ERROR
