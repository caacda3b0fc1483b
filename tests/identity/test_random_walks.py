"""Whatever people press in whatever order: no mail that cannot work, no repetition answered otherwise.

Trials A1, A2 and A4 as kinds: two browsers, sign-ups and resets of one address, at random moments.
"""

import random
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from identity.domain.code import Purpose
from identity.usecases.request_code import Requested
from identity.usecases.verify_code import Proven, Refused
from newsreel_runtime.errors import ServiceError
from newsreel_testing.identity_service import PASSWORD, PURPOSES, Identity, Row, short

ADDRESS = "ada@example.org"


class _RolledBackError(Exception):
    """Nothing of the try stays."""


class Walk:
    """Two browsers and one address; every step is checked."""

    def __init__(self, identity: Identity, seed: int, at: datetime) -> None:
        self.identity = identity
        self.seed = seed
        self.chance = random.Random(seed)
        self.at = at
        self.requests: dict[UUID, tuple[Purpose, Requested]] = {}
        self.mailed: list[Row] = []
        self.seen = 0
        self.proofs = 0
        self.refusals: set[str] = set()

    async def step(self) -> None:
        """One press, and what must hold after it."""
        self.at += timedelta(seconds=self.chance.choice((0, 1, 31, 61, 300, 1500)))
        guesses = [self.guess] * (1 + self.seed % 3 * 3)  # some people guess a lot
        press = self.chance.choice([self.ask, self.ask, self.resend, self.prove, *guesses])
        try:
            await press()
        except ServiceError as refusal:
            self.refusals.add(refusal.code)
        await self.check_mails()

    async def ask(self) -> None:
        """Register or forget, perhaps twice."""
        purpose: Purpose = self.chance.choice(("signup", "reset"))
        secret = self.chance.choice("ab") * 22
        for _ in range(self.chance.choice((1, 2))):
            if purpose == "signup":
                asked = await self.identity.register(ADDRESS, self.at, secret=secret)
            else:
                asked = await self.identity.ask_reset(ADDRESS, self.at, secret)
            self.requests[asked.challenge_id] = (purpose, asked)

    async def resend(self) -> None:
        """Send a new code."""
        if self.requests:
            _, asked = self.chance.choice(list(self.requests.values()))
            await self.identity.resend(asked, self.at)

    async def guess(self) -> None:
        """A wrong code."""
        if self.requests:
            purpose, asked = self.chance.choice(list(self.requests.values()))
            await self.identity.answer(asked, self.identity.wrong_code(asked.challenge_id, purpose), self.at)

    async def prove(self) -> None:
        """A mailed code, typed twice; a reset goes on to its password, set twice."""
        if not self.mailed:
            return
        mail = self.chance.choice(self.mailed)
        challenge_id, code = UUID(mail.key), self.identity.mailed_code(mail)
        _, asked = self.requests[challenge_id]
        answer = await self.identity.answer(asked, code, self.at)
        if isinstance(answer, Refused):
            return
        self.proofs += 1
        assert await self.identity.answer(asked, code, self.at) == answer
        if answer.reset_token is not None:
            for _ in range(2):
                await self.identity.set_password(challenge_id, answer.reset_token, PASSWORD, self.at)

    async def check_mails(self) -> None:
        """Each new code would be taken at once, if it were typed."""
        rows = await self.identity.outbox("identity.code.v1")
        new, self.seen = rows[self.seen :], len(rows)
        for row in new:
            if short(row) in PURPOSES:
                self.mailed.append(row)
                assert await self.would_prove(row)

    async def would_prove(self, mail: Row) -> bool:
        """Try it in a transaction that is rolled back."""
        _, asked = self.requests[UUID(mail.key)]
        code = self.identity.mailed_code(mail)
        try:
            async with self.identity.database.begin() as tx:
                answer = await self.identity.answer_in(tx, asked, code, self.at)
                raise _RolledBackError
        except _RolledBackError:
            return isinstance(answer, Proven)


@pytest.mark.parametrize("seed", range(6))
async def test_what_is_mailed_works_and_what_is_repeated_is_answered_alike(
    identity: Identity, noon: datetime, seed: int
) -> None:
    walk = Walk(identity, seed, noon)
    for _ in range(80):
        await walk.step()
    assert walk.mailed
    assert walk.proofs or seed % 3  # who guesses a lot may never prove
    assert walk.refusals <= {"too-many-requests", "challenge-over"}
