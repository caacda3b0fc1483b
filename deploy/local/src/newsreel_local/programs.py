"""The processes of a stack and how each is started."""

import sys
from collections.abc import Mapping
from pathlib import Path

from newsreel_local.environment import SERVICES, Layout
from newsreel_local.kafka import KafkaServer
from newsreel_local.paths import CHECKOUT
from newsreel_local.postgres import PostgresServer
from newsreel_local.process import Command, Process, inherited
from newsreel_local.supervisor import Program, Say

_STAGES = {"mailbox": 2, "traces": 2, "edge": 4}  # of what is stopped, the highest first
_SERVICE_GRACE = 30.0  # a service finishes its requests, its batch and its relay


def commands(layout: Layout) -> dict[str, Command]:
    """The Python processes of a stack: `python -m …` with an environment and a log of its own each."""
    ports, local = layout.ports, layout.local
    found = {
        "mailbox": _observer(layout, "mailbox", local.data("mail"), ports["smtp"], ports["mailbox"]),
        "traces": _observer(layout, "traces", local.data("traces"), ports["traces"]),
    }
    found["edge"] = edge(local.log("edge"), layout.edge())
    for name in SERVICES:
        found[name] = Command(
            [sys.executable, "-m", name, "serve"],
            log=local.log(name),
            environment=layout.process(name),
            grace=_SERVICE_GRACE,
        )
    return found


def edge(log: Path, variables: Mapping[str, str]) -> Command:
    """Caddy as `deploy/edge/Caddyfile` has it; `variables` are those that it names."""
    argv = [str(Path(sys.executable).parent / "caddy"), "run", "--adapter", "caddyfile", "--config"]
    argv.append(str(CHECKOUT / "deploy" / "edge" / "Caddyfile"))
    return Command(argv, log=log, environment=inherited(dict(variables)), grace=5.0)


def _observer(layout: Layout, name: str, *arguments: object) -> Command:
    argv = [sys.executable, "-m", "newsreel_local", name, *map(str, arguments)]
    return Command(argv, log=layout.local.log(name), environment=inherited({}), grace=5.0)


def program(name: str, command: Command) -> Program:
    """One of these processes, to be kept running."""

    async def start() -> Process:
        return await Process.start(command)

    return Program(name, start, stage=_STAGES.get(name, 3))


def postgres(layout: Layout) -> Program:
    """PostgreSQL of our own; `start` returns when it accepts connections."""
    server = PostgresServer(
        layout.local.data("postgres"),
        layout.ports["postgres"],
        layout.secrets.postgres_admin,
        log=layout.local.log("postgres"),
    )
    return Program("postgres", server.start, 0)


def kafka(layout: Layout, say: Say) -> Program:
    """Kafka of our own; `start` returns when it listens."""
    server = KafkaServer(
        layout.local.data("kafka"),
        layout.ports["kafka"],
        layout.ports["kafka_controller"],
        layout.secrets.kafka,
        log=layout.local.log("kafka"),
    )

    async def start() -> Process:
        return await server.start(lambda text: say("kafka", text))

    return Program("kafka", start, 1)
