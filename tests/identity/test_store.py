"""SQL that decides: limits under parallel hits, and what is purged."""

import asyncio
from datetime import datetime, timedelta
from itertools import product

import asyncpg
import pytest

from identity.domain.address import parse_address
from identity.domain.limits import Limit, Rule, free_at, mails
from identity.store import allowances
from identity.usecases.purge_expired import BATCH, purge_expired
from identity.usecases.sign_in import sign_in
from newsreel_runtime.clock import now
from newsreel_runtime.errors import ServiceError
from newsreel_testing.identity_service import HOME, PASSWORD, Identity
from newsreel_testing.wait_until import until

# Seconds between hits: bursts, steady use, long pauses.
PATTERNS = [
    [0] * 8,
    [30, 60, 120, 240, 480, 960],
    [600] * 20,
    [3600] * 14,
    [1, 3599, 1, 3599, 1, 3599, 80_000, 1, 1, 1, 1, 1],
]


LIMITS = [mails(0), mails(2), Limit((Rule(3, timedelta(minutes=15)),))]


async def test_the_sql_decides_like_the_domain(identity: Identity, noon: datetime) -> None:
    for number, (pattern, limit) in enumerate(product(PATTERNS, LIMITS)):
        at, kept = noon, list[datetime]()
        for pause in pattern:
            at += timedelta(seconds=pause)
            expected = free_at(kept, limit, at) <= at
            async with identity.database.begin() as tx:
                spent = await allowances.spend(tx, bytes([number]), limit, at)
            if expected:
                kept.append(at)
            assert spent.is_allowed == expected
            assert list(spent.hits) == kept[-len(spent.hits) :]


async def test_parallel_hits_count_exactly(identity: Identity, noon: datetime) -> None:
    async def hit() -> bool:
        async with identity.database.begin() as tx:
            return (await allowances.spend(tx, b"bucket", mails(0), noon)).is_allowed

    assert sum(await asyncio.gather(*(hit() for _ in range(60)))) == 4


TIMES = {"challenge": "purge_after", "session": "expires_at", "allowance": "forget_at"}


async def test_what_is_over_by_the_databases_clock_is_purged_and_nothing_else(identity: Identity) -> None:
    """Trial C11's kind: what cannot be undone does not hang on the clock of a process."""
    at = now()
    await identity.make_account("ada@example.org", at)
    await identity.ask_reset("eve@example.org", at)
    await sign_in(
        identity.database,
        identity.hashing,
        parse_address("ada@example.org"),
        PASSWORD,
        origin=HOME,
        keys=identity.keys,
    )

    async def left_when_over(table: str | None) -> dict[str, int]:
        async with identity.database.begin() as tx:
            if table is not None:
                over = f"UPDATE {table} SET {TIMES[table]} = now() - interval '1 microsecond'"  # noqa: S608
                await tx.sql.execute(over)
        async with identity.database.begin() as tx:
            assert not await purge_expired(tx)
            return {
                name: await tx.sql.fetchval(f"SELECT count(*) FROM {name}")  # noqa: S608 (constants)
                for name in ("challenge", "challenge_code", "allowance", "session", "account")
            }

    left = {"challenge": 2, "challenge_code": 2, "allowance": 3, "session": 1, "account": 1}
    assert await left_when_over(None) == left
    for table in TIMES:
        left[table] = 0
        if table == "challenge":
            left["challenge_code"] = 0
        assert await left_when_over(table) == left


async def test_a_backlog_is_purged_in_batches(identity: Identity) -> None:
    async with identity.database.begin() as tx:
        await tx.sql.execute(
            """
            INSERT INTO allowance (bucket, hits, forget_at)
            SELECT convert_to(n::text, 'UTF8'), '{}', now() - interval '1 second'
            FROM generate_series(1, $1::int) AS n
            """,
            BATCH + 1,
        )
    outcomes = []
    for _ in range(2):
        async with identity.database.begin() as tx:
            outcomes.append(await purge_expired(tx))
    assert outcomes == [True, False]


@pytest.mark.parametrize("press", ["resend", "register"])
async def test_a_challenge_that_is_purged_meanwhile_is_no_longer_there(
    identity: Identity, press: str
) -> None:
    at = now()
    asked = await identity.register("ada@example.org", at)
    at += timedelta(minutes=1)
    async with identity.database.begin() as tx:
        await tx.sql.execute("DELETE FROM challenge")
        if press == "resend":
            pressed = asyncio.ensure_future(identity.resend(asked, at))
        else:
            again = identity.register("ada@example.org", at, secret=asked.challenge_secret)
            pressed = asyncio.ensure_future(again)

        async def waits() -> bool:
            return bool(await tx.sql.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))

        await until(waits, "the press to wait for the row")
    if press == "resend":
        with pytest.raises(ServiceError, match="challenge-unknown"):
            await pressed
    else:
        assert (await pressed).challenge_id != asked.challenge_id


async def test_the_schema_refuses_an_active_account_without_password(
    identity: Identity, noon: datetime
) -> None:
    await identity.register("ada@example.org", noon)
    with pytest.raises(asyncpg.CheckViolationError):
        async with identity.database.begin() as tx:
            await tx.sql.execute("UPDATE account SET status = 'active'")
