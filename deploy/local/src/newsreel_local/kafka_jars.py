"""Jars: committed lists of Maven coordinates with sha256, fetched once, verified before use."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from newsreel_local.paths import DOWNLOADS
from newsreel_local.process import StartError

JARS = DOWNLOADS / "jars"
KAFKA = "kafka_jars.txt"
CONNECT = "connect_jars.txt"  # Kafka Connect with Debezium's connector for PostgreSQL


@dataclass(frozen=True)
class Jar:
    """One line of the list."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """Its file name in the folder."""
        return f"{self.name}-{self.version}.jar"


def listed(names: str = KAFKA) -> list[Jar]:
    """A committed list, in class path order."""
    lines = (files("newsreel_local") / names).read_text().splitlines()
    return [Jar(*re.split("[: ]", line)) for line in lines]


def paths(folder: Path = JARS) -> list[Path]:
    """Where the jars are, or will be, in class path order."""
    return [folder / jar.file for jar in listed()]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(folder: Path, progress: Callable[[str], None], names: str = KAFKA) -> list[Path]:
    """The jars in `folder`, those that are missing fetched from Maven, in class path order.

    A jar is there under its name only after its checksum was found right. Raises `StartError` when one
    cannot be fetched or is not the listed one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    jars = listed(names)
    missing = [jar for jar in jars if not (folder / jar.file).exists()]
    if missing:
        progress(f"fetching {len(missing)} of {'Kafka' if names == KAFKA else 'Debezium'}'s {len(jars)} jars")
        _fetch_missing(missing, folder)
    return [folder / jar.file for jar in jars]


def _fetch_missing(missing: list[Jar], folder: Path) -> None:
    from jgo.maven import MavenContext

    home = Path.home()
    elsewhere = None if os.access(home, os.W_OK) else folder / "maven"  # jgo's own place is below the home
    maven = MavenContext(repo_cache=elsewhere, timeout=60)

    def fetch_one(jar: Jar) -> None:
        try:
            found = maven.project(jar.group, jar.name).at_version(jar.version).artifact().resolve()
        except Exception as error:  # jgo lets through what its HTTP client raises, of several unrelated kinds
            raise StartError(
                f"{jar.file} cannot be fetched from Maven ({type(error).__name__}): "
                "the first start needs the network; start again when it is there"
            ) from error
        part = folder / f"{jar.file}.{os.getpid()}.part"
        shutil.copyfile(found, part)
        have = _digest(part)
        if have != jar.sha256:
            part.unlink()
            Path(found).unlink(missing_ok=True)
            raise StartError(
                f"{jar.file} is not the listed one: sha256 {have}, expected {jar.sha256}; start again"
            )
        part.replace(folder / jar.file)

    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(fetch_one, missing):
            pass
