"""The processes of a stack and how each is started."""

import sys
from collections.abc import Sequence

from newsreel_local.environment import SERVICES, Layout
from newsreel_local.kafka import KafkaServer
from newsreel_local.postgres import PostgresServer
from newsreel_local.process import Command, Process, inherited
from newsreel_local.supervisor import Part, Say

_SERVICE_GRACE = 30.0  # a service finishes its requests, its batch and its relay


def _python(layout: Layout, name: str, arguments: Sequence[str], environment: dict[str, str]) -> Part:
    stage = 3 if name in SERVICES else 2
    command = Command(
        [sys.executable, "-m", *arguments],
        log=layout.local.log(name),
        environment=environment,
        grace=_SERVICE_GRACE if stage == 3 else 5.0,
    )

    async def start() -> Process:
        return await Process.start(command)

    return Part(name, start, stage)


def service(layout: Layout, name: str) -> Part:
    """`python -m <service> serve` with its own environment."""
    return _python(layout, name, [name, "serve"], layout.process(name))


def mailbox(layout: Layout) -> Part:
    """The SMTP server with its inbox."""
    ports = [str(layout.ports["smtp"]), str(layout.ports["mailbox"])]
    folder = str(layout.local.data("mail"))
    return _python(layout, "mailbox", ["newsreel_local", "mailbox", folder, *ports], inherited({}))


def traces(layout: Layout) -> Part:
    """The OTLP receiver with its pages."""
    arguments = [str(layout.local.data("traces")), str(layout.ports["traces"])]
    return _python(layout, "traces", ["newsreel_local", "traces", *arguments], inherited({}))


def postgres(layout: Layout) -> Part:
    """PostgreSQL of our own; `start` returns when it accepts connections."""
    server = PostgresServer(
        layout.local.data("postgres"),
        layout.ports["postgres"],
        layout.secrets.postgres_admin,
        log=layout.local.log("postgres"),
    )
    return Part("postgres", server.start, 0)


def kafka(layout: Layout, say: Say) -> Part:
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

    return Part("kafka", start, 1)
