"""`make prove-enumeration COUNT=2000`: whether an answer, or its time, tells what is known of an address.

Addresses of each standing are asked about in turns, in an order that is drawn anew each time. The last line
has, for each route, the AUC of the best classifier that sees the time alone: 0.5 is a coin, 1.0 always knows.
"""

import argparse
import asyncio
import gc
import json
import random
import shutil
import sys
import time
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from identity.domain.password_hash import hash_password
from identity.store import challenges
from newsreel_local.paths import LocalDir
from newsreel_local.ports import free_ports
from newsreel_local.postgres import PostgresServer
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_testing.databases import Databases
from newsreel_testing.identity_process import identity_process
from newsreel_testing.identity_service import PASSWORD, Identity

STANDINGS = ("verified", "unverified", "suspended", "unknown")
LIMIT = 0.55
_BEFORE = timedelta(minutes=40)  # when the accounts were registered; an unproven one lasts an hour
_OLD = """
UPDATE account SET status = 'suspended' WHERE address LIKE 's%';
DELETE FROM challenge USING account
WHERE account.status <> 'unverified' AND challenge.address_key = account.address_key;
"""
# A mail of just now would refuse a new code.
_LATER = """
UPDATE allowance SET hits = ARRAY(SELECT hit - interval '10 minutes' FROM unnest(hits) AS hit);
UPDATE challenge_code SET requested_at = requested_at - interval '10 minutes';
"""

Who: TypeAlias = tuple[str, int]  # a standing, and the number of one of its addresses
Body: TypeAlias = Mapping[str, Any]


def auc(one: Sequence[float], other: Sequence[float]) -> float:
    """How often a time of `one` is above one of `other`, or below: what is more often (Mann-Whitney)."""
    ordered = sorted(other)
    twice = sum(bisect_left(ordered, taken) + bisect_right(ordered, taken) for taken in one)
    share = twice / (2 * len(one) * len(other))
    return max(share, 1 - share)


def _address(who: Who) -> str:
    """All have the same length."""
    letter = "n" if who[0] == "unknown" else who[0][0]
    return f"{letter}{who[1]:06}@desk.example"


def about(path: str, **more: str) -> Callable[[Who], tuple[str, Body]]:
    """The request about an address: what is posted where."""
    return lambda who: (path, {"address": _address(who), **more})


async def make_known(identity: Identity, count: int) -> None:
    """Accounts of each standing, registered before; whoever was proven has no challenge any more."""
    at, password_hash = now() - _BEFORE, hash_password(PASSWORD)
    for who in ((standing, number) for standing in STANDINGS[:-1] for number in range(count)):
        async with identity.database.begin() as tx:
            asked = await identity.ask_code_in(tx, "signup", _address(who), at)
            await challenges.keep_pending_hash(tx, asked.challenge_id, password_hash)
            if who[0] != "unverified":
                await identity.answer_in(tx, asked, identity.code(asked.challenge_id), at)
    async with identity.database.begin() as tx:
        await tx.sql.execute(_OLD)


class Asking:
    """Asks about every address once on each route; each request comes from a network of its own."""

    def __init__(self, client: httpx.AsyncClient, count: int, chance: random.Random) -> None:
        self._client = client
        self._count = count
        self._chance = chance

    async def ask(
        self, expected: int, request: Callable[[Who], tuple[str, Body]]
    ) -> tuple[float, dict[Who, Any]]:
        """The AUC of the two standings that the time tells apart best, and the answers.

        Raises `AssertionError` when an answer itself tells them apart.
        """
        times, shapes = defaultdict[str, list[float]](list), defaultdict[str, Counter[object]](Counter)
        answers = {}
        for number in range(self._count):
            for standing in self._chance.sample(STANDINGS, len(STANDINGS)):
                path, body = request((standing, number))
                network = ".".join(str(self._chance.randrange(1, 255)) for _ in range(4))
                began = time.perf_counter()
                answer = await self._client.post(path, json=body, headers={"X-Forwarded-For": network})
                times[standing].append(time.perf_counter() - began)
                assert answer.status_code == expected, f"{standing}: {answer.status_code} {answer.text}"
                answers[standing, number] = answer.json()
                shapes[standing][len(answer.content), (*answer.headers,)] += 1
        usual = {standing: seen.most_common(1)[0][0] for standing, seen in shapes.items()}
        assert len(set(usual.values())) == 1, f"the answers differ: {usual}"
        return max(auc(times[one], times[other]) for one, other in combinations(STANDINGS, 2)), answers


async def measure(
    identity: Identity, client: httpx.AsyncClient, count: int, chance: random.Random
) -> dict[str, float]:
    """The figures of a run over `count` addresses of each standing."""
    asking = Asking(client, count, chance)

    sign_in, _ = await asking.ask(401, about("/v1/sessions", password="Wrong-Horse-77"))
    forgot, resets = await asking.ask(202, about("/v1/resets"))
    register, signups = await asking.ask(202, about("/v1/registrations", password=PASSWORD))
    async with identity.database.begin() as tx:
        await tx.sql.execute(_LATER)

    def again(before: Mapping[Who, Any]) -> Callable[[Who], tuple[str, Body]]:
        return lambda who: (
            f"/v1/challenges/{before[who]['challenge_id']}/codes",
            {"challenge_secret": before[who]["challenge_secret"]},
        )

    resend = [(await asking.ask(202, again(before)))[0] for before in (signups, resets)]
    found = {"register": register, "signin": sign_in, "forgot": forgot, "resend": max(resend)}
    return {f"auc_{route}": round(figure, 3) for route, figure in found.items()}


async def prove(databases: Databases, count: int, seed: int) -> dict[str, float]:
    """Identity in a process of its own, on its own database."""
    async with databases.fresh("identity") as postgres, Database.open(postgres) as database:
        identity = Identity(database)
        await make_known(identity, count)
        gc.freeze()
        async with (
            identity_process(postgres) as origin,
            httpx.AsyncClient(base_url=origin, timeout=30) as client,
        ):
            return await measure(identity, client, count, random.Random(seed))


async def _run(folder: Path, count: int, seed: int) -> dict[str, float]:
    (port,) = free_ports(1)
    server = PostgresServer(folder / "postgres", port, "postgres", fsync=False)  # no noise of a disk
    await server.start()
    try:
        return await prove(Databases(server), count, seed)
    finally:
        await server.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="make prove-enumeration")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    arguments = parser.parse_args()
    folder = LocalDir.of_environment().root / "prove-enumeration"
    shutil.rmtree(folder, ignore_errors=True)
    print(f"seed {arguments.seed}", flush=True)
    figures = asyncio.run(_run(LocalDir.made(folder).root, arguments.count, arguments.seed))
    print(json.dumps(figures))
    return 1 if max(figures.values()) > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
