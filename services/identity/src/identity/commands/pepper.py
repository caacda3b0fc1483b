"""Whom it would shut out to withdraw a key of the pepper."""

import asyncio

from pydantic import ValidationError

from identity.commands.key_file import KeyFileError
from identity.store import accounts
from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.settings import Postgres, what_is_wrong


def check_unused(key_id: str) -> None:
    """Raises `KeyFileError` while passwords are under that key, or when the database cannot say so."""
    try:
        found = asyncio.run(_count(Postgres(), key_id))
    except (ValidationError, OSError, *DATABASE_ERRORS) as error:
        why = what_is_wrong(error) if isinstance(error, ValidationError) else type(error).__name__
        raise KeyFileError(f"the database cannot say who has a password under {key_id}: {why}") from error
    if found:
        raise KeyFileError(
            f"{found} passwords are under {key_id}; each goes to the new key when its owner signs in, "
            "and with --yes their owners have to reset them"
        )


async def _count(settings: Postgres, key_id: str) -> int:
    async with Database.open(settings) as database, database.read() as sql:
        return await accounts.count_under(sql, key_id)
