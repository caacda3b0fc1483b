"""Apache Kafka 4.3 from Maven's jars and a Java runtime from a wheel: formatted, started, stopped, killed."""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID, uuid4

from newsreel_local import java, kafka_jars
from newsreel_local.kafka_config import BROKER, LOGGING, Listeners, server_properties
from newsreel_local.kafka_jars import JARS
from newsreel_local.process import Command, Process, StartError, inherited, run_to_end

_POLL = 0.02
_DEADLINE = 60.0
_GRACE = 20.0


class KafkaServer:
    """One node in `folder`, on 127.0.0.1:`port`; `users` are SASL/SCRAM-SHA-512 names with their passwords.

    Of them `broker` (its own) and `admin` may do everything, the others what an ACL says. They are made when
    the folder is formatted, and not changed afterwards. With `train`, it writes an AOT archive there when it
    ends, at the lowest priority. One of several nodes has the `cluster` of the others; properties of it that
    are not those of a single node are in `different`.
    """

    host = "127.0.0.1"
    name = "kafka"

    def __init__(
        self,
        folder: Path,
        port: int,
        controller_port: int,
        users: Mapping[str, str],
        *,
        log: Path | None = None,
        train: Path | None = None,
        cluster: UUID | None = None,
        different: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self.users = dict(users)
        self._listeners = Listeners(port, controller_port)
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self.logging = self._folder / "log4j2.properties"
        self.log = log or self._folder / "server.log"
        self._train = train
        self._cluster = cluster or uuid4()
        self._different = different or {}
        self.process: Process | None = None

    @property
    def bootstrap(self) -> str:
        """`host:port`, as clients name it."""
        return f"{self.host}:{self.port}"

    async def start(self, progress: Callable[[str], None] = lambda _: None) -> Process:
        """Fetch what is missing, format an empty folder, start, and return once it listens."""
        jars = await asyncio.to_thread(kafka_jars.fetch, JARS, progress)
        self._write_configuration()
        if not self._data.exists():
            await self._format(jars)
        argv = java.server_argv(jars, self.logging, self._train)
        self.process = await Process.start(self._command(argv))
        try:
            async with asyncio.timeout(_DEADLINE):
                await self._until_listening(self.process)
        except TimeoutError as error:
            await self.kill()
            raise StartError(f"Kafka does not start within {_DEADLINE:.0f} s, see {self.log}") from error
        return self.process

    async def stop(self) -> None:
        if self.process is not None:
            await self.process.stop()

    async def kill(self) -> None:
        if self.process is not None:
            await self.process.kill()

    def _command(self, argv: list[str]) -> Command:
        properties = str(self._folder / "server.properties")
        return Command(
            [*argv, properties], log=self.log, environment=inherited({"LC_ALL": "C"}), grace=_GRACE
        )

    def _write_configuration(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.logging.write_text(LOGGING)
        _write_private(self._folder / "server.properties", self._properties(self._data))

    def _properties(self, data: Path) -> str:
        return server_properties(data, self._listeners, self.users[BROKER], self._different)

    async def _format(self, jars: list[Path]) -> None:
        """Into a folder of another name first: one with the right name is complete."""
        unfinished = self._folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        properties, users = self._folder / "format.properties", self._folder / "format.users"
        _write_private(properties, self._properties(unfinished))
        # The passwords travel in a file that only we can read: a command line is everybody's to see.
        _write_private(
            users,
            "".join(
                f"--add-scram\nSCRAM-SHA-512=[name={name},password={password}]\n"
                for name, password in self.users.items()
            ),
        )
        arguments = ["format", "-t", java.cluster_id(self._cluster), "-c", str(properties), f"@{users}"]
        argv = [*java.format_argv(jars), *arguments]
        try:
            # It prints the passwords, so nothing of what it prints is kept.
            await run_to_end(Command(argv, log=Path(os.devnull), environment=inherited({"LC_ALL": "C"})))
        finally:
            users.unlink()
            properties.unlink()
        unfinished.rename(self._data)

    async def _until_listening(self, process: Process) -> None:
        while True:
            try:
                _, writer = await asyncio.open_connection(self.host, self.port)
            except OSError:
                if process.returncode is not None:
                    raise StartError(f"Kafka ended: {process.last_words()}") from None
                await asyncio.sleep(_POLL)
            else:
                writer.close()
                return


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text)
