"""The command line of a service: `serve` and `migrate`."""

import argparse
import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib import import_module

from newsreel_runtime.service import ROLES, Service
from newsreel_runtime.settings import Postgres, Telemetry


def main(package: str) -> None:
    """The command line of a service: `serve [--roles …]` or `migrate`. Exits 0 after an orderly stop."""
    parser = argparse.ArgumentParser(prog=f"python -m {package}")
    commands = parser.add_subparsers(dest="command", required=True)
    serve_command = commands.add_parser("serve", help="run until SIGTERM or SIGINT")
    serve_command.add_argument(
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

    from newsreel_runtime.lifecycle import serve
    from newsreel_runtime.memory import calm_collector
    from newsreel_runtime.telemetry import set_up_logs, set_up_metrics, set_up_traces

    set_up_logs(package)
    telemetry = Telemetry()
    spans, measurements = set_up_traces(package, telemetry), set_up_metrics(package, telemetry)
    compose: Callable[[], AbstractAsyncContextManager[Service]] = import_module(f"{package}.app").compose
    calm_collector()

    async def run() -> None:
        async with compose() as service:
            await serve(service, roles)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())
    finally:
        spans.shutdown()
        if measurements is not None:
            measurements.shutdown()
