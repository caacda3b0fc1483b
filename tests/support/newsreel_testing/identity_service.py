"""An identity service on a real database, and a person who uses it; no Kafka."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import httpx
from joserfc.jwk import OKPKey

from identity.domain.access_token import TokenSigner
from identity.domain.account import Language
from identity.domain.address import parse_address
from identity.domain.code import Purpose, derive_code
from identity.domain.limits import Buckets
from identity.inbound_http import Parts, create_api
from identity.usecases.hash_password import Hashing
from identity.usecases.keep_password import keep_password
from identity.usecases.register_account import register_account
from identity.usecases.request_code import Requested
from identity.usecases.request_reset import request_reset
from identity.usecases.send_new_code import send_new_code
from identity.usecases.set_password import set_password
from identity.usecases.verify_code import Proven, verify_code
from newsreel_runtime.database import Database
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.keyring import KeyRing

ORIGIN = "http://identity.test"
PASSWORD = "Correct-Horse-7"
SIGNING_KEY = OKPKey.generate_key("Ed25519", auto_kid=True)


@dataclass(frozen=True)
class Row:
    """An outbox row with its data read."""

    type: str
    topic: str
    key: str
    data: dict[str, Any]


class Identity:
    """The service's parts, and the steps of a person at a moment of the test's choice."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.keys = KeyRing.parse(f"k2:{'a1' * 32},k1:{'b2' * 32}")
        self.buckets = Buckets(b"l" * 32)
        self.hashing = Hashing(2, 64)
        self.signer = TokenSigner(json.dumps(SIGNING_KEY.as_dict(private=True)), ORIGIN)

    @cached_property
    def parts(self) -> Parts:
        """What the routes work with."""
        return Parts(self.database, self.hashing, self.keys, self.buckets, self.signer)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client of the API."""
        transport = httpx.ASGITransport(app=create_api(self.parts))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as opened:
            yield opened

    async def outbox(self, topic: str | None = None) -> list[Row]:
        """What was published so far, in order."""
        async with self.database.read() as connection:
            rows = await connection.fetch("SELECT type, topic, key, payload FROM outbox ORDER BY seq")
        read = [Row(row["type"], row["topic"], row["key"], json.loads(row["payload"])) for row in rows]
        return [row for row in read if topic in {None, row.topic}]

    def code(self, challenge_id: UUID, purpose: Purpose = "signup", generation: int = 1) -> str:
        """The code that the notifier mails."""
        return derive_code(self.keys.current[1], purpose, challenge_id, generation)

    def wrong_code(self, challenge_id: UUID, purpose: Purpose = "signup") -> str:
        """A code that no generation of the challenge has."""
        return f"{(int(self.code(challenge_id, purpose)) + 1) % 10**8:08}"

    async def register(
        self, address: str, at: datetime, *, password: str | None = PASSWORD, locale: Language = "en"
    ) -> Requested:
        """Register, as the route does; without a password the process died before it was kept."""
        async with self.database.begin() as tx:
            asked = await register_account(
                tx, parse_address(address), locale=locale, keys=self.keys, buckets=self.buckets, at=at
            )
        if password is not None:
            password_hash = await self.hashing.hash(password)
            async with self.database.begin() as tx:
                await keep_password(tx, asked.challenge_id, password_hash)
        return asked

    async def ask_reset(self, address: str, at: datetime) -> Requested:
        """Ask for a reset code."""
        async with self.database.begin() as tx:
            return await request_reset(
                tx, parse_address(address), locale="en", keys=self.keys, buckets=self.buckets, at=at
            )

    async def resend(self, asked: Requested, at: datetime) -> Requested:
        """Press "send new code"."""
        async with self.database.begin() as tx:
            return await send_new_code(
                tx, asked.challenge_id, asked.challenge_secret, keys=self.keys, buckets=self.buckets, at=at
            )

    async def verify(
        self, asked: Requested, code: str, at: datetime, *, secret: str | None = None
    ) -> Proven | None:
        """Type a code."""
        async with self.database.begin() as tx:
            return await verify_code(
                tx,
                asked.challenge_id,
                secret or asked.challenge_secret,
                code,
                keys=self.keys,
                buckets=self.buckets,
                at=at,
            )

    async def outcome(self, asked: Requested, code: str, at: datetime) -> str:
        """Type a code: `proven`, `code-refused`, or the problem's code."""
        try:
            proven = await self.verify(asked, code, at)
        except ServiceError as error:
            return error.code
        return "proven" if proven else "code-refused"

    async def set_password(self, challenge_id: UUID, token: str, password: str, at: datetime) -> None:
        """Set a new password with a reset token."""
        password_hash = await self.hashing.hash(password)
        async with self.database.begin() as tx:
            await set_password(
                tx,
                challenge_id,
                reset_token=token,
                password_hash=password_hash,
                buckets=self.buckets,
                at=at,
            )

    async def make_account(self, address: str, at: datetime, password: str = PASSWORD) -> UUID:
        """A verified account; its id."""
        asked = await self.register(address, at, password=password)
        assert await self.verify(asked, self.code(asked.challenge_id), at)
        async with self.database.read() as connection:
            account_id: UUID = await connection.fetchval(
                "SELECT account_id FROM account WHERE address_key = $1", parse_address(address).key
            )
        return account_id


def short(row: Row) -> str:
    """The middle of the type: `account.registered`."""
    return re.sub(r"^newsreel\.identity\.(.*)\.v1$", r"\1", row.type)
