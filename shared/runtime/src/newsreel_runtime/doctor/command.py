"""`newsreel doctor [SERVICE]`."""

import argparse
import asyncio
import sys
import time
from importlib.metadata import entry_points, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsreel_runtime.doctor.finding import Finding

    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 (argparse names it in no other way)

_PARTS = ("settings", "database", "bus", "places")
_PAUSE = 1.0  # seconds between two looks of --wait
_EPILOG = """\
Looks at settings, database, schema, clock, topics, rights, and whom else the service talks to, with the
service's own settings and logins, and changes nothing. `newsreel bus plan`
compares the settings of topics as well.
exit code: 0 all is well; 1 something is wrong, and its line says what mends it; 2 usage."""


def register(groups: "Groups") -> None:
    parser = groups.add_parser(
        "doctor",
        help="what a service needs, looked at from here, and what mends it",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = sorted(point.name for point in entry_points(group="newsreel.services"))
    parser.add_argument(
        "service", nargs="?", choices=known, default=known[0] if len(known) == 1 else None, metavar="SERVICE",
        help=f"{', '.join(known)}; an image has one, which need not be named",
    )  # fmt: skip
    parser.add_argument(
        "--only", choices=_PARTS, action="append", help="one part, or several when given again; default: all"
    )
    parser.add_argument(
        "--wait",
        type=float,
        default=0,
        metavar="SECONDS",
        help="look again until all is well, at most so long",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.service is None:
        print("doctor: which SERVICE? `newsreel doctor --help`", file=sys.stderr)
        return 2
    end = time.monotonic() + arguments.wait
    parts = arguments.only or _PARTS
    while True:
        found = asyncio.run(_look(arguments.service, parts))
        is_well = all(finding.mend is None for finding in found)
        if is_well or time.monotonic() >= end:
            break
        time.sleep(_PAUSE)
    print(f"newsreel-{arguments.service} {version(f'newsreel-{arguments.service}')}")
    for finding in found:
        print(finding)
    return 0 if is_well else 1


async def _look(service: str, parts: "tuple[str, ...]") -> "list[Finding]":
    from newsreel_runtime.doctor.kafka import look_at_bus
    from newsreel_runtime.doctor.places import look_around
    from newsreel_runtime.doctor.postgres import look_at_database
    from newsreel_runtime.doctor.settings import read
    from newsreel_runtime.settings import Kafka, Postgres

    (point,) = entry_points(group="newsreel.services", name=service)
    settings, found = read(point.load())
    if settings is None:
        return found
    found = found if "settings" in parts else []
    if "database" in parts and isinstance(postgres := getattr(settings, "postgres", None), Postgres):
        found += await look_at_database(postgres, service)
    if "bus" in parts and isinstance(kafka := getattr(settings, "kafka", None), Kafka):
        found += await look_at_bus(kafka, service)
    if "places" in parts:
        found += await look_around(settings, service)
    return found
