"""Kafka's SCRAM users, with passwords from files: for a cluster of ours, where nobody else makes them."""

import asyncio
from pathlib import Path

from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from newsreel_bus.admin import TIMEOUT

_ITERATIONS = 4096  # RFC 7677 §4: at least
_SHORTEST = 12


class UsersError(ValueError):
    """A file that holds no password; the message names the file."""


def read_passwords(folder: Path) -> dict[str, bytes]:
    """Passwords by user: each file is named as its user. Raises `UsersError` or `OSError`."""
    found = {}
    for file in sorted(folder.iterdir()):
        if file.name.startswith(".") or not file.is_file():  # Kubernetes keeps its versions in `..data`
            continue
        password = file.read_bytes().strip()
        if len(password) < _SHORTEST:
            raise UsersError(f"{file} holds no password of {_SHORTEST} characters or more")
        found[file.name] = password
    if not found:
        raise UsersError(f"{folder} holds no file: each is named as its user, and holds the password")
    return found


async def set_passwords(admin: AdminClient, passwords: dict[str, bytes]) -> None:
    """Make these users, or give them these passwords. Raises `confluent_kafka.KafkaException`."""
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
    asked = admin.alter_user_scram_credentials(
        [UserScramCredentialUpsertion(user, info, password) for user, password in passwords.items()],
        request_timeout=TIMEOUT,
    )
    await asyncio.gather(*map(asyncio.wrap_future, asked.values()))
