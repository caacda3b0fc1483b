"""The `newsreel` command: parked and refused events, and what installed services bring by entry points."""

import argparse
import sys
from importlib.metadata import entry_points

from newsreel_runtime.dlq import command as dlq_command
from newsreel_runtime.doctor import command as doctor_command
from newsreel_runtime.exception_text import hide_exception_messages
from newsreel_runtime.publisher import command as outbox_command
from newsreel_runtime.publisher import republish


def main() -> int:
    """Parse the command line, run the command, and return its exit code."""
    hide_exception_messages()
    parser = argparse.ArgumentParser(prog="newsreel", description="Newsreel's commands for operators.")
    groups = parser.add_subparsers(dest="group", required=True, metavar="GROUP")
    dlq_command.register(groups)
    outbox_command.register(groups)
    doctor_command.register(groups)
    bus = groups.add_parser("bus", help="topics, rights and state: look, bring up to date, let a team in")
    bus_commands = bus.add_subparsers(dest="command", required=True, metavar="COMMAND")
    republish.register(bus_commands)
    for point in entry_points(group="newsreel.commands.bus"):
        point.load()(bus_commands)
    for point in sorted(entry_points(group="newsreel.commands"), key=lambda point: point.name):
        point.load()(groups)
    arguments = parser.parse_args()
    code: int = arguments.run(arguments)
    return code


if __name__ == "__main__":
    sys.exit(main())
