"""Somebody registers an address with a password."""

from collections.abc import Callable
from datetime import datetime

from identity.domain.account import Language
from identity.domain.address import Address
from identity.domain.keys import Keys
from identity.domain.network import Origin
from identity.store import challenges
from identity.usecases.hash_password import Hashing
from identity.usecases.request_code import Requested, request_code
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database


async def register_account(
    database: Database,
    hashing: Hashing,
    address: Address,
    password: str,
    *,
    locale: Language,
    secret: str | None,
    origin: Origin,
    keys: Keys,
    clock: Callable[[], datetime] = now,
) -> Requested:
    """Ask for the code, and keep the password with the challenge until the code is proven.

    The mail is committed first and the hash, some 22 ms, is made meanwhile. Raises `ServiceError` 429, 503.
    """
    hashed = hashing.hash(password)
    try:
        async with database.begin() as tx:
            asked = await request_code(
                tx, "signup", address, locale=locale, secret=secret, origin=origin, keys=keys, at=clock()
            )
    except BaseException:
        hashed.cancel()
        raise
    password_hash = await hashed
    async with database.begin() as tx:
        await challenges.keep_pending_hash(tx, asked.challenge_id, password_hash)
    return asked
