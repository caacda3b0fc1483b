"""An identity service on a real database, and a person who uses it; no Kafka."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from ipaddress import ip_address
from itertools import count
from typing import Any
from uuid import UUID

import httpx
from joserfc.jwk import OKPKey

from identity.domain.access_token import TokenSigner
from identity.domain.account import Language
from identity.domain.address import parse_address
from identity.domain.code import Purpose, derive_code, derive_long_code
from identity.domain.keys import Keys
from identity.domain.limits import Buckets
from identity.domain.network import Origin
from identity.domain.password import PORTAL, Policy
from identity.inbound_http import Dependencies, create_http
from identity.usecases.begin_session import Started
from identity.usecases.hash_password import Hashing
from identity.usecases.register_account import register_account
from identity.usecases.request_code import Requested, request_code
from identity.usecases.send_new_code import send_new_code
from identity.usecases.set_password import set_password
from identity.usecases.sign_in import sign_in
from identity.usecases.verify_code import Proven, Refused, verify_code
from newsreel_runtime.database import Database
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

ORIGIN = "http://identity.test"
PASSWORD = "Correct-Horse-7"
_hosts = count(int(ip_address("10.0.0.0")))
HOME = Origin("192.0.2.7/32")
SIGNING_KEY = OKPKey.generate_key("Ed25519", auto_kid=True)
RING = f"k2:{'a1' * 32},k1:{'b2' * 32}"
LOOKUP = "c3" * 32


@dataclass(frozen=True)
class Row:
    """An outbox row with its data read; a tombstone has none."""

    type: str
    topic: str
    key: str
    data: dict[str, Any]


class Identity:
    """The service's parts, and the steps of a person at a moment of the test's choice."""

    def __init__(self, database: Database, policy: Policy = PORTAL) -> None:
        self.database, self.policy = database, policy
        lookup = KeyRing.parse(LOOKUP)
        self.buckets = Buckets(lookup)
        ring = KeyRing.parse(RING)
        self.keys = Keys(codes=ring, buckets=self.buckets, unsubscribe=ring, sessions=lookup)
        self.hashing = Hashing(2, 64)
        self.smtputf8 = True
        self.signer = TokenSigner(lambda: json.dumps(SIGNING_KEY.as_dict(private=True)), ORIGIN)

    @cached_property
    def dependencies(self) -> Dependencies:
        """What the routes work with."""
        return Dependencies(self.database, self.hashing, self.keys, self.signer, self.policy, self.smtputf8)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client of the API."""
        transport = httpx.ASGITransport(app=create_http(self.dependencies))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as opened:
            yield opened

    async def outbox(self, topic: str | None = None) -> list[Row]:
        """What was published so far, in order."""
        async with self.database.read() as connection:
            return [row for row in await self.outbox_in(connection) if topic in {None, row.topic}]

    async def outbox_in(self, sql: Sql) -> list[Row]:
        """What that connection sees."""
        rows = await sql.fetch("SELECT type, topic, key, payload FROM outbox ORDER BY seq")
        return [
            Row(row["type"], row["topic"], row["key"], json.loads(row["payload"] or "{}")) for row in rows
        ]

    def code(self, challenge_id: UUID, purpose: Purpose = "signup", generation: int = 1) -> str:
        """The code that the notifier mails."""
        return derive_code(self.keys.codes.current[1], purpose, challenge_id, generation)

    def long_code(self, challenge_id: UUID, purpose: Purpose = "signup", generation: int = 1) -> str:
        """The code that the notifier mails when the address is under pressure."""
        return derive_long_code(self.keys.codes.current[1], purpose, challenge_id, generation)

    def mailed_code(self, row: Row) -> str:
        """The code in the mail that an event asked for."""
        derive = self.long_code if row.data["form"] == "long" else self.code
        return derive(UUID(row.key), PURPOSES[short(row)], row.data["generation"])

    def wrong_code(self, challenge_id: UUID, purpose: Purpose = "signup") -> str:
        """A code that no generation of the challenge has."""
        return f"{(int(self.code(challenge_id, purpose)) + 1) % 10**8:08}"

    async def register(
        self,
        address: str,
        at: datetime,
        *,
        password: str = PASSWORD,
        locale: Language = "en",
        secret: str | None = None,
        origin: Origin | None = None,
    ) -> Requested:
        """Register; with the secret of an earlier request: again in the same browser."""
        return await register_account(
            self.database,
            self.hashing,
            parse_address(address),
            password,
            locale=locale,
            secret=secret,
            origin=origin or somewhere(),
            keys=self.keys,
            clock=lambda: at,
        )

    async def ask_code(
        self, purpose: Purpose, address: str, at: datetime, secret: str | None = None
    ) -> Requested:
        """Ask for a code; a sign-up whose process dies before the password is kept."""
        async with self.database.begin() as tx:
            return await self.ask_code_in(tx, purpose, address, at, secret)

    async def ask_code_in(
        self, tx: Tx, purpose: Purpose, address: str, at: datetime, secret: str | None = None
    ) -> Requested:
        """Ask for a code; the caller ends the transaction."""
        known = parse_address(address)
        return await request_code(
            tx, purpose, known, locale="en", secret=secret, origin=somewhere(), keys=self.keys, at=at
        )

    async def ask_reset(self, address: str, at: datetime, secret: str | None = None) -> Requested:
        """Ask for a reset code."""
        return await self.ask_code("reset", address, at, secret)

    async def resend(self, asked: Requested, at: datetime) -> Requested:
        """Press "send new code"."""
        async with self.database.begin() as tx:
            secret, origin = asked.challenge_secret, somewhere()
            return await send_new_code(tx, asked.challenge_id, secret, origin=origin, keys=self.keys, at=at)

    async def answer(
        self, asked: Requested, code: str, at: datetime, secret: str | None = None
    ) -> Proven | Refused:
        """Type a code."""
        async with self.database.begin() as tx:
            return await self.answer_in(tx, asked, code, at, secret)

    async def answer_in(
        self, tx: Tx, asked: Requested, code: str, at: datetime, secret: str | None = None
    ) -> Proven | Refused:
        """Type a code; the caller ends the transaction."""
        secret = secret or asked.challenge_secret
        return await verify_code(tx, asked.challenge_id, secret, code, keys=self.keys, at=at)

    async def verify(
        self, asked: Requested, code: str, at: datetime, secret: str | None = None
    ) -> Proven | None:
        """Type a code; None when it is refused."""
        answer = await self.answer(asked, code, at, secret)
        return answer if isinstance(answer, Proven) else None

    async def outcome(self, asked: Requested, code: str, at: datetime) -> str:
        """Type a code: `proven`, or the problem's code."""
        answer = await self.answer(asked, code, at)
        return answer.problem.code if isinstance(answer, Refused) else "proven"

    async def sign_in(self, address: str, password: str, at: datetime, origin: Origin = HOME) -> Started:
        """Begin a session."""
        return await sign_in(
            self.database,
            self.hashing,
            parse_address(address),
            password,
            origin=origin,
            keys=self.keys,
            clock=lambda: at,
        )

    async def set_password(self, challenge_id: UUID, token: str, password: str, at: datetime) -> None:
        """Set a new password with a reset token."""
        await set_password(
            self.database,
            self.hashing,
            challenge_id,
            reset_token=token,
            password=password,
            buckets=self.buckets,
            clock=lambda: at,
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


def somewhere() -> Origin:
    """Another network each time."""
    return Origin(f"{ip_address(next(_hosts))}/32")


PURPOSES: dict[str, Purpose] = {
    "code.signup-requested": "signup",
    "code.reset-requested": "reset",
    "code.address-requested": "address",
}


def short(row: Row) -> str:
    """The middle of the type: `account.registered`."""
    return re.sub(r"^newsreel\.identity\.(.*)\.v1$", r"\1", row.type)
