"""The login benchmark: how many people are signed in each second, beside two peers and the machine's limit.

See `benchmarks/README.md`. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from itertools import count, product
from pathlib import Path

from benchmarks.login.contestants import (
    PASSWORD,
    PEOPLE,
    Contestant,
    allauth,
    fastapi_users,
    ours,
    peers_python,
)
from identity.domain.password_hash import hash_password, matches
from newsreel_local.ports import free_ports
from newsreel_local.postgres import PostgresServer

CLIENTS = (2, 16, 64)
_CORES = 2
_PROBES = 20.0  # requests/s to the other route


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def argon2_limit(seconds: float) -> float:
    """Passwords that are verified each second by one thread for each core, and nothing else."""
    hashed, end = hash_password(PASSWORD).phc, time.perf_counter() + seconds
    done = [0] * _CORES

    def verify(thread: int) -> None:
        while time.perf_counter() < end:
            matches(hashed, PASSWORD)
            done[thread] += 1

    threads = [threading.Thread(target=verify, args=(number,)) for number in range(_CORES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


async def logins(contestant: Contestant, clients: int, seconds: float) -> float:
    """Each second, with so many clients of whom each begins anew when it has its answer (closed loop)."""
    numbers, began, done = count(), time.perf_counter(), 0

    async def client() -> None:
        nonlocal done
        while time.perf_counter() - began < seconds:
            body = contestant.body(f"p{next(numbers) % PEOPLE}@example.org")
            status, answer = await contestant.http.post(contestant.path, body)
            if status != contestant.status:
                raise ValueError(f"not signed in: {status} {answer[:300]!r}")
            done += 1

    await asyncio.gather(*(client() for _ in range(clients)))
    return done / (time.perf_counter() - began)


async def other_route(contestant: Contestant, seconds: float) -> list[float]:
    """Milliseconds that somebody who is signed in waits for an access token, asked for at a steady rate."""
    _, answer = await contestant.http.post(contestant.path, contestant.body("p0@example.org"))
    bearer = f"Authorization: Bearer {json.loads(answer)['session']}"
    times, began = [], time.perf_counter()

    async def probe(moment: float) -> None:
        status, answer = await contestant.http.post("/v1/tokens", "", bearer)
        if status != 200:
            raise ValueError(f"no token: {status} {answer[:300]!r}")
        times.append((time.perf_counter() - moment) * 1000)

    async with asyncio.TaskGroup() as group:
        for number in range(round(seconds * _PROBES)):
            moment = began + number / _PROBES
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            group.create_task(probe(moment))
    return times


def middle(found: list[float]) -> float:
    return sorted(found)[len(found) // 2]


def p99(times: list[float]) -> float:
    return sorted(times)[len(times) * 99 // 100]


class Found:
    """What a run measures, round by round."""

    def __init__(self) -> None:
        self.rates: dict[tuple[str, int], list[float]] = defaultdict(list)
        self.limits: dict[int, list[float]] = defaultdict(list)
        self.waited: dict[int, list[float]] = defaultdict(list)

    async def one_round(self, contestants: dict[str, Contestant], seconds: float) -> None:
        """All contestants with each number of clients; the limit just before ours."""
        for clients, (name, contestant) in product(CLIENTS, contestants.items()):
            load = logins(contestant, clients, seconds)
            if name == "ours":
                self.limits[clients].append(await asyncio.to_thread(argon2_limit, seconds))
                rate, times = await asyncio.gather(load, other_route(contestant, seconds))
                self.waited[clients] += times
            else:
                rate = await load
            self.rates[name, clients].append(rate)
            say(f"{name}, {clients} clients: {rate:.1f}/s (limit {self.limits[clients][-1]:.1f}/s)")

    def lowest(self, name: str) -> float:
        """Of the numbers of clients the worst one's middle round."""
        return round(min(middle(self.rates[name, clients]) for clients in CLIENTS), 1)

    def highest(self, name: str) -> float:
        return round(max(middle(self.rates[name, clients]) for clients in CLIENTS), 1)

    def share(self, clients: int) -> float:
        """Of the limit, round by round; the middle."""
        rounds = zip(self.rates["ours", clients], self.limits[clients], strict=True)
        return round(middle([rate / limit for rate, limit in rounds]), 3)

    def figures(self) -> dict[str, float]:
        """Ours at its worst, the peers at their best."""
        return {
            "ours_per_s": self.lowest("ours"),
            "argon2_limit_per_s": round(
                middle([rate for found in self.limits.values() for rate in found]), 1
            ),
            "share_of_limit": min(map(self.share, CLIENTS)),
            "other_route_p99_ms": round(max(map(p99, self.waited.values())), 1),
            "fastapi_users_per_s": self.highest("fastapi-users"),
            "allauth_per_s": self.highest("allauth"),
            "fastapi_users_default_per_s": self.highest("fastapi-users, its defaults"),
            "allauth_default_per_s": self.highest("allauth, its defaults"),
        }


async def run(seconds: float, rounds: int) -> None:
    python = await peers_python()
    (port,) = free_ports(1)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        await asyncio.to_thread(folder.chmod, 0o755)  # PostgreSQL runs as somebody else when we are root
        server = PostgresServer(folder / "postgres", port, "postgres")
        await server.start()
        try:
            async with AsyncExitStack() as stack:
                enter = stack.enter_async_context
                contestants = {
                    "ours": await enter(ours(server)),
                    "fastapi-users": await enter(fastapi_users(server, python, equal=True)),
                    "allauth": await enter(allauth(server, python, equal=True)),
                    "fastapi-users, its defaults": await enter(fastapi_users(server, python, equal=False)),
                    "allauth, its defaults": await enter(allauth(server, python, equal=False)),
                }
                found = Found()
                for _ in range(rounds):
                    await found.one_round(contestants, seconds)
        finally:
            await server.stop()
    for clients in CLIENTS:
        waited = p99(found.waited[clients])
        say(f"{clients} clients: {found.share(clients):.0%} of the limit; other route's p99 {waited:.1f} ms")
    print(json.dumps(found.figures()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.login")
    parser.add_argument("--quick", action="store_true", help="a minute and a half instead of ten")
    asyncio.run(run(3, 1) if parser.parse_args().quick else run(10, 3))
