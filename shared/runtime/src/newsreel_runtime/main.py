"""The command line of a service: `serve` and `migrate`."""

import argparse
import asyncio
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
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
    serve_command = commands.add_parser("serve", help="run until SIGTERM or SIGINT")
    serve_command.add_argument(
        "--roles",
        default=",".join(ROLES),
        type=_roles,
        help="what this process does, comma-separated (default: %(default)s)",
    )
    serve_command.add_argument(
        "--explain-stop", action="store_true", help="print how long a stop may take, and start nothing"
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
        if arguments.command == "migrate":
            _migrate(package, arguments.wait)
        elif arguments.explain_stop:
            print(_stop_text())
        else:
            _serve(package, arguments.roles)
    except ValidationError as error:
        raise SystemExit(f"{package}: {what_is_wrong(error)}") from None


def _stop_text() -> str:
    drain = 0.0
    with suppress(ValueError):  # `serve` refuses it by its name
        drain = float(os.environ.get("NEWSREEL_HTTP_DRAIN_SECONDS") or 0)
    stages = {
        "not ready, and still serving (NEWSREEL_HTTP_DRAIN_SECONDS)": drain,
        "requests, the batch, timers and mails at hand": WORK_SECONDS,
        "the relay": RELAY_SECONDS,
        "the last spans and metrics": FLUSH_SECONDS,
    }
    lines = [f"{seconds:5.0f} s  {stage}" for stage, seconds in stages.items()]
    return "\n".join([*lines, f"{stop_seconds(drain):5.0f} s  terminationGracePeriodSeconds, or more"])


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


async def _check_schema(package: str) -> None:
    """A newer schema is fine: migrations only expand it for the release that is out (CONTRIBUTING)."""
    from newsreel_runtime.database import DATABASE_AWAY
    from newsreel_runtime.migrate import lacking

    with suppress(*DATABASE_AWAY):  # readiness says so
        if (lacks := await lacking(Postgres(), package)) is not None:
            raise SystemExit(f"{package}: {lacks}")


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
            if service.database is not None:
                await _check_schema(package)
            await serve(service, roles)

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())
    finally:
        flush(providers)
