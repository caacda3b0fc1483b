"""`newsreel doctor [SERVICE]`."""

import argparse
import asyncio
import sys
from importlib.metadata import entry_points, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsreel_runtime.doctor.finding import Finding

    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 (argparse names it in no other way)

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
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    if arguments.service is None:
        print("doctor: which SERVICE? `newsreel doctor --help`", file=sys.stderr)
        return 2
    found = asyncio.run(_look(arguments.service))
    print(f"newsreel-{arguments.service} {version(f'newsreel-{arguments.service}')}")
    for finding in found:
        print(finding)
    return 0 if all(finding.mend is None for finding in found) else 1


async def _look(service: str) -> "list[Finding]":
    from newsreel_runtime.doctor.kafka import look_at_bus
    from newsreel_runtime.doctor.places import look_around
    from newsreel_runtime.doctor.postgres import look_at_database
    from newsreel_runtime.doctor.settings import read
    from newsreel_runtime.settings import Kafka, Postgres

    (point,) = entry_points(group="newsreel.services", name=service)
    settings, found = read(point.load())
    if settings is None:
        return found
    if isinstance(postgres := getattr(settings, "postgres", None), Postgres):
        found += await look_at_database(postgres, service)
    if isinstance(kafka := getattr(settings, "kafka", None), Kafka):
        found += await look_at_bus(kafka, service)
    return found + await look_around(settings, service)
