"""Look around in Newsreel's events: which topics there are, what is on them, whether a record is right."""

import argparse
import io
import os
import sys
from collections.abc import Sequence

from newsreel_events import printed
from newsreel_events.topics import EVENTS, TOPICS

_EXIT = "exit codes: 0 all is well; 1 no: not valid, not known, not allowed or not reachable; 2 wrong usage"
_TAIL = """
The connection comes from the environment, as for every service: NEWSREEL_KAFKA_BOOTSTRAP, _USER, _PASSWORD
(SASL/SCRAM-SHA-512) and _TLS=true. Each record is a line: time, type, key, data. It joins no consumer group.
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m newsreel_events", description=__doc__, epilog=_EXIT)
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    topics = commands.add_parser("topics", help="list the topics", epilog=_EXIT)
    topics.add_argument("--json", action="store_true", help="as JSON, with the types of each")
    show = commands.add_parser("show", help="explain an event type", epilog=_EXIT)
    show.add_argument("type", metavar="TYPE", help="for example newsreel.catalog.video.published.v1")
    form = show.add_mutually_exclusive_group()
    form.add_argument("--schema", action="store_true", help="print the JSON Schema of its data")
    form.add_argument(
        "--example", action="store_true", help="print an example record, as `validate` reads it"
    )
    validate = commands.add_parser(
        "validate",
        help="check records",
        description='Check records: JSON files {"topic", "key", "headers": {name: text}, "value"}.',
        epilog=_EXIT,
    )
    validate.add_argument("files", metavar="FILE", nargs="+", help="- for standard input")
    tail = commands.add_parser(
        "tail",
        help="print a topic's records as they come (needs newsreel-events[tail])",
        description=_TAIL,
        epilog=_EXIT,
    )
    tail.add_argument("topic", metavar="TOPIC", choices=[topic.name for topic in TOPICS])
    tail.add_argument("--private", action="store_true", help="allow a topic that carries personal data")
    tail.add_argument(
        "--from-beginning", action="store_true", help="all that the topic still holds, then what comes"
    )
    tail.add_argument("--count", type=int, metavar="N", help="end after N records")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # data may hold letters that the terminal lacks
    if options.command == "topics":
        return printed.topics(as_json=options.json)
    if options.command == "show":
        if options.type not in EVENTS:
            return printed.refuse(f"no such type: {options.type}; `topics --json` lists them all")
        return printed.show(
            options.type, "schema" if options.schema else "example" if options.example else ""
        )
    if options.command == "validate":
        return max([printed.validate(file) for file in options.files])
    return _tail(options)


def _tail(options: argparse.Namespace) -> int:
    (topic,) = [topic for topic in TOPICS if topic.name == options.topic]
    if not topic.public and not options.private:
        return printed.refuse(
            f"{topic.name} is private: it carries personal data. --private, if you have the right"
        )
    try:
        from newsreel_events.tail import TailError, tail
    except ModuleNotFoundError as error:
        return printed.refuse(f"{error.name} is missing: pip install 'newsreel-events[tail]'")
    try:
        return tail(topic.name, os.environ, from_beginning=options.from_beginning, count=options.count)
    except TailError as error:
        return printed.refuse(str(error))
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
