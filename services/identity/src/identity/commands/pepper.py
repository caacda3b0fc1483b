"""Whose passwords went through which key of the pepper."""

import asyncio

from pydantic import ValidationError

from identity.commands.key_file import KeyFileError
from identity.settings import Settings
from identity.store import accounts
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.doctor.finding import Finding
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.settings import Postgres, what_is_wrong


def check_unused(key_id: str) -> None:
    """Raises `KeyFileError` while passwords are under that key, or when the database cannot say so."""
    try:
        found = asyncio.run(_count(Postgres())).get(key_id)
    except (ValidationError, OSError, *DATABASE_ERRORS) as error:
        why = what_is_wrong(error) if isinstance(error, ValidationError) else type(error).__name__
        raise KeyFileError(f"the database cannot say who has a password under {key_id}: {why}") from error
    if found:
        raise KeyFileError(
            f"{found} passwords are under {key_id}; each goes to the new key when its owner signs in, "
            "and with --yes their owners have to reset them"
        )


async def look_at_passwords(settings: Settings) -> list[Finding]:
    """What `newsreel doctor` says: how many passwords are under each key, and which keys are gone."""
    try:
        counts = await _count(settings.postgres)
    except (OSError, *DATABASE_ERRORS):
        return []  # the database has a line of its own
    given = settings.pepper_keys
    ring = None if given is None else KeyRing.parse(given.get_secret_value())
    gone = [key_id for key_id in counts if ring is None or ring.get(key_id) is None]
    said = ", ".join(f"{count} under {key_id}" for key_id, count in counts.items()) or "none has a pepper"
    if not gone:
        return [Finding("passwords", said)]
    mend = (
        "bring the key back in NEWSREEL_IDENTITY_PEPPER_KEYS, or those people have to reset their passwords"
    )
    return [Finding("passwords", f"{said}; gone: {', '.join(gone)}", mend)]


async def _count(settings: Postgres) -> dict[str, int]:
    async with Database.open(settings) as database, database.read() as sql:
        return await accounts.count_by_key(sql)
