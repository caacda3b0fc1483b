"""The secrets of a deployment, as files: a folder for each service, a file for each variable."""

import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

from newsreel_local.kafka_config import ADMIN, Listeners, server_properties
from newsreel_local.secrets_file import DATABASE_OWNERS, Secrets, load_or_make

_FILE_MODE = 0o644  # containers read them as other users; the folder above keeps everybody else out
_PORTS = Listeners(9092, 9093)


def write_secrets(folder: Path) -> list[str]:
    """Make what is missing in `folder`, leave what is there, and say which files were made.

    The folder is closed to others (0700). Raises `OSError`, or `StartError` when secrets.json is damaged.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    known = load_or_make(folder / "secrets.json")
    written = []
    for name, text in _files(known):
        path = folder / name
        if not path.exists():
            path.parent.mkdir(mode=0o755, exist_ok=True)
            _write(path, text)
            written.append(name)
    return written


def _files(known: Secrets) -> Iterator[tuple[str, str]]:
    own: Mapping[str, Mapping[str, str]] = {
        "identity": {
            "newsreel_code_keys": known.code_keys,
            "newsreel_unsubscribe_keys": known.unsubscribe_keys,
            "newsreel_identity_signing_key": known.identity_signing_key,
            "newsreel_identity_lookup_key": known.identity_lookup_key,
            "newsreel_identity_pepper_keys": known.identity_pepper_keys,
        },
        "notifier": {
            "newsreel_code_keys": known.code_keys,
            "newsreel_unsubscribe_keys": known.unsubscribe_keys,
        },
        "delivery": {"newsreel_delivery_url_keys": known.delivery_url_keys},
        "portal": {"newsreel_portal_signing_key": known.portal_signing_key},
        "bus": {"newsreel_kafka_password": known.kafka[ADMIN]},
        "postgres": {"postgres": known.postgres_admin, **known.postgres},
    }
    for service, files in own.items():
        yield from ((f"{service}/{name}", text) for name, text in files.items())
    for service in DATABASE_OWNERS:
        yield f"{service}/newsreel_postgres_password", known.postgres[service]
        yield f"{service}/newsreel_kafka_password", known.kafka[service]
    yield "kafka/server.properties", _kafka(known)
    yield (
        "kafka/users",
        "".join(
            f"--add-scram\nSCRAM-SHA-512=[name={name},password={password}]\n"
            for name, password in known.kafka.items()
        ),
    )


def _kafka(known: Secrets) -> str:
    different = {
        "listeners": "SASL://:9092,CONTROLLER://127.0.0.1:9093",
        "advertised.listeners": "SASL://kafka:9092",
    }
    return server_properties(Path("/var/lib/kafka/data"), _PORTS, known.kafka["broker"], different)


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    unfinished.chmod(_FILE_MODE)
    unfinished.replace(path)
