"""SQL that decides: limits under parallel hits, and what is purged."""

import asyncio
from datetime import datetime, timedelta
from itertools import product

import asyncpg
import pytest

from identity.domain.limits import MAIL_RULES, Rule, free_at, resend_rules
from identity.store import allowances
from identity.usecases.purge_expired import BATCH, purge_expired
from newsreel_testing.identity_service import Identity

# Seconds between hits: bursts, steady use, long pauses.
PATTERNS = [
    [0] * 8,
    [30, 60, 120, 240, 480, 960],
    [600] * 20,
    [3600] * 14,
    [1, 3599, 1, 3599, 1, 3599, 80_000, 1, 1, 1, 1, 1],
]


ALL_RULES = [MAIL_RULES, resend_rules(2), (Rule(3, timedelta(minutes=15)),)]


async def test_the_sql_decides_like_the_domain(identity: Identity, noon: datetime) -> None:
    for number, (pattern, rules) in enumerate(product(PATTERNS, ALL_RULES)):
        at, kept = noon, list[datetime]()
        for pause in pattern:
            at += timedelta(seconds=pause)
            expected = free_at(kept, rules, at) <= at
            async with identity.database.begin() as tx:
                spent = await allowances.spend(tx, bytes([number]), rules, at)
            if expected:
                kept.append(at)
            assert spent.is_allowed == expected
            assert list(spent.hits) == kept[-len(spent.hits) :]


async def test_parallel_hits_count_exactly(identity: Identity, noon: datetime) -> None:
    async def hit() -> bool:
        async with identity.database.begin() as tx:
            return (await allowances.spend(tx, b"bucket", MAIL_RULES, noon)).is_allowed

    assert sum(await asyncio.gather(*(hit() for _ in range(60)))) == 5


async def test_what_is_over_is_purged_and_nothing_else(identity: Identity, noon: datetime) -> None:
    await identity.make_account("ada@example.org", noon)
    await identity.ask_reset("eve@example.org", noon)
    tables = ("challenge", "challenge_code", "allowance", "account")

    async def left_after(at: datetime) -> dict[str, int]:
        async with identity.database.begin() as tx:
            assert not await purge_expired(tx, at)
            return {
                table: await tx.sql.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 (constants)
                for table in tables
            }

    full = {"challenge": 2, "challenge_code": 2, "allowance": 2, "account": 1}
    assert await left_after(noon + timedelta(minutes=60)) == full
    empty = full | {"challenge": 0, "challenge_code": 0}
    assert await left_after(noon + timedelta(minutes=61)) == empty
    assert await left_after(noon + timedelta(hours=25)) == empty | {"allowance": 0}


async def test_a_backlog_is_purged_in_batches(identity: Identity, noon: datetime) -> None:
    async with identity.database.begin() as tx:
        await tx.sql.execute(
            """
            INSERT INTO allowance (bucket, hits, forget_at)
            SELECT convert_to(n::text, 'UTF8'), '{}', $1 FROM generate_series(1, $2::int) AS n
            """,
            noon,
            BATCH + 1,
        )
    outcomes = []
    for _ in range(2):
        async with identity.database.begin() as tx:
            outcomes.append(await purge_expired(tx, noon + timedelta(seconds=1)))
    assert outcomes == [True, False]


async def test_the_schema_refuses_an_active_account_without_password(
    identity: Identity, noon: datetime
) -> None:
    await identity.register("ada@example.org", noon)
    with pytest.raises(asyncpg.CheckViolationError):
        async with identity.database.begin() as tx:
            await tx.sql.execute("UPDATE account SET status = 'active'")
