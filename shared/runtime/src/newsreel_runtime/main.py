"""The command line of a service: `serve` and `migrate`."""

import argparse
import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib import import_module

from pydantic import ValidationError

from newsreel_runtime.exception_text import hide_exception_messages, log_loop_error
from newsreel_runtime.service import ROLES, Service
from newsreel_runtime.settings import Postgres, Telemetry, what_is_wrong
from newsreel_runtime.stop_limits import FLUSH_SECONDS, RELAY_SECONDS, WORK_SECONDS, stop_seconds


def main(package: str) -> None:
    """The command line of a service: `serve [--roles …]` or `migrate`. Exits 0 after an orderly stop."""
    hide_exception_messages()
    parser = argparse.ArgumentParser(prog=f"python -m {package}")
    commands = parser.add_subparsers(dest="command", required=True)
    serve_command = commands.add_parser("serve", help="run until SIGTERM or SIGINT", epilog=_stop_text())
    serve_command.add_argument(
        "--roles",
        default=",".join(ROLES),
        type=_roles,
        help="what this process does, comma-separated (default: %(default)s)",
    )
    migrate_command = commands.add_parser("migrate", help="bring the database up to date, forward only")
    migrate_command.add_argument(
        "--wait",
        type=float,
        metavar="SECONDS",
        help="apply nothing: wait until somebody else has, for an init container",
    )
    arguments = parser.parse_args()
    try:
        _migrate(package, arguments.wait) if arguments.command == "migrate" else _serve(
            package, arguments.roles
        )
    except ValidationError as error:
        raise SystemExit(f"{package}: {what_is_wrong(error)}") from None


def _stop_text() -> str:
    try:
        drain = float(os.environ.get("NEWSREEL_HTTP_DRAIN_SECONDS") or 0)
    except ValueError:
        drain = 0.0  # `serve` refuses it by its name
    return (
        f"After SIGTERM the process is not ready, and goes on serving, for {drain:.0f} s "
        f"(NEWSREEL_HTTP_DRAIN_SECONDS). Then work at hand has {WORK_SECONDS:.0f} s, the relay "
        f"{RELAY_SECONDS:.0f} s, telemetry {FLUSH_SECONDS:.0f} s: give a pod "
        f"terminationGracePeriodSeconds {stop_seconds(drain):.0f} or more."
    )


def _roles(text: str) -> frozenset[str]:
    roles = frozenset(text.split(","))
    if not roles <= set(ROLES):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(ROLES)}")
    return roles


def _migrate(package: str, wait: float | None) -> None:
    from newsreel_runtime.migrate import MigrationError, migrate, wait_for_schema

    try:
        if wait is not None:
            asyncio.run(wait_for_schema(Postgres(), package, wait))
            print(f"{package}: the schema is there")
            return
        applied = asyncio.run(migrate(Postgres(), package))
    except MigrationError as error:
        raise SystemExit(str(error)) from None
    print(f"{package}: {applied} migrations applied")


def _serve(package: str, roles: frozenset[str]) -> None:
    import uvloop

    from newsreel_runtime.lifecycle import serve
    from newsreel_runtime.memory import set_up_garbage_collector
    from newsreel_runtime.telemetry import flush, set_up_logs, set_up_metrics, set_up_traces

    set_up_logs(package)
    telemetry = Telemetry()
    providers = set_up_traces(package, telemetry), set_up_metrics(package, telemetry)
    compose: Callable[[], AbstractAsyncContextManager[Service]] = import_module(f"{package}.app").compose
    set_up_garbage_collector()

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(log_loop_error)
        async with compose() as service:
            await serve(service, roles)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())
    finally:
        flush(providers)
