"""What a service is made of, and its command line."""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from newsreel_runtime.settings import Http, Postgres, Telemetry

if TYPE_CHECKING:
    from fastapi import FastAPI

    from newsreel_runtime.consuming.consuming import Consuming
    from newsreel_runtime.publishing.relay import Relay
    from newsreel_runtime.transaction import Database

ROLES = ("http", "consume", "relay", "timer")

Timer = Callable[[asyncio.Event], Awaitable[None]]


@dataclass(frozen=True)
class Service:
    """What the composition root hands over. A part that a service lacks is None or empty.

    Each timer runs until the event that it is given is set.
    """

    name: str
    http: "FastAPI"
    listen: Http
    database: "Database | None" = None
    consuming: "Consuming | None" = None
    relay: "Relay | None" = None
    timers: Sequence[Timer] = ()


def run(package: str) -> None:
    """The command line of a service: `serve [--roles …]` or `migrate`. Exits 0 after an orderly stop."""
    parser = argparse.ArgumentParser(prog=f"python -m {package}")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="run until SIGTERM or SIGINT")
    serving.add_argument(
        "--roles",
        default=",".join(ROLES),
        type=_roles,
        help="what this process does, comma-separated (default: %(default)s)",
    )
    commands.add_parser("migrate", help="bring the database up to date, forward only")
    arguments = parser.parse_args()
    if arguments.command == "migrate":
        from newsreel_runtime.migrate import migrate

        applied = asyncio.run(migrate(Postgres(), package))
        print(f"{package}: {applied} migrations applied")
        return
    _serve(package, arguments.roles)


def _roles(text: str) -> frozenset[str]:
    roles = frozenset(text.split(","))
    if not roles <= set(ROLES):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(ROLES)}")
    return roles


def _serve(package: str, roles: frozenset[str]) -> None:
    import uvloop

    from newsreel_runtime.memory import calm_collector
    from newsreel_runtime.serving import serve
    from newsreel_runtime.telemetry import set_up_logs, set_up_metrics, set_up_traces

    set_up_logs(package)
    telemetry = Telemetry()
    spans, measurements = set_up_traces(package, telemetry), set_up_metrics(package, telemetry)
    compose: Callable[[], AbstractAsyncContextManager[Service]] = import_module(f"{package}.app").compose
    calm_collector()

    async def main() -> None:
        async with compose() as service:
            await serve(service, roles)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())
    finally:
        spans.shutdown()
        if measurements is not None:
            measurements.shutdown()
