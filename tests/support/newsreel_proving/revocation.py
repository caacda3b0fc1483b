"""`make prove-revocation COUNT=200`: how long a token outlives "sign out everywhere" at another service.

A person signs in, takes an access token that lives for five minutes, sees that delivery takes it, signs out
everywhere, and asks delivery until it refuses. The time runs from identity's answer; what delivery takes a
second later counts as late.
"""

import argparse
import asyncio
import json
import re
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import httpx

from newsreel_local.journey import Addresses, Journey
from newsreel_local.paths import LocalDir
from newsreel_local.stack import RunningStack, running_stack
from newsreel_testing.wait_until import until

LIMIT_MS = 1000
_RENDITION = re.compile(r"/videos/([0-9a-f-]{36})/renditions/([0-9a-f-]{36})/download")


@dataclass(frozen=True)
class Figures:
    """Milliseconds until delivery's first refusal."""

    ended: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    late: int

    @classmethod
    def of(cls, lags: Sequence[float]) -> "Figures":
        late = sum(lag > LIMIT_MS for lag in lags)
        p99 = statistics.quantiles(lags, n=100, method="inclusive")[98]
        return cls(len(lags), round(statistics.median(lags), 1), round(p99, 1), round(max(lags), 1), late)


class Sessions:
    """A person whose sessions begin at identity and are looked at in delivery."""

    def __init__(self, client: httpx.AsyncClient, stack: RunningStack) -> None:
        self._client = client
        self._identity, self._delivery = stack.ports.origin("identity"), stack.ports.origin("delivery")
        origin = stack.ports.origin
        self.person = Journey(client, Addresses(portal=origin("edge"), mailbox=origin("mailbox")))
        self._wanted: dict[str, str] = {}

    async def register(self) -> None:
        await self.person.registered()
        video = await self.person.first_video()
        found = _RENDITION.fullmatch(video.form("/download").action)
        assert found is not None
        self._wanted = {"video_id": found[1], "rendition_id": found[2]}

    async def token(self) -> dict[str, str]:
        """The header of a new session's access token."""
        body = {"address": self.person.address, "password": self.person.password}
        began = (await self._client.post(f"{self._identity}/v1/sessions", json=body)).raise_for_status()
        session = {"Authorization": f"Bearer {began.json()['session']}"}
        issued = await self._client.post(f"{self._identity}/v1/tokens", headers=session)
        return {"Authorization": f"Bearer {issued.raise_for_status().json()['access_token']}"}

    async def is_taken(self, token: dict[str, str]) -> bool:
        answer = await self._client.post(f"{self._delivery}/v1/grants", headers=token, json=self._wanted)
        return answer.is_success

    async def lag(self) -> float:
        """Sign out everywhere: milliseconds until delivery refuses the token."""
        token = await self.token()

        async def is_taken() -> bool:
            return await self.is_taken(token)

        async def is_refused() -> bool:
            return not await self.is_taken(token)

        await until(is_taken, "delivery takes the token")
        (await self._client.delete(f"{self._identity}/v1/sessions", headers=token)).raise_for_status()
        ended = time.perf_counter()
        await until(is_refused, "delivery refuses the token", deadline=60, pause=0.001)
        return (time.perf_counter() - ended) * 1000


async def prove(stack: RunningStack, count: int) -> Figures:
    """End access `count` times."""
    async with httpx.AsyncClient(timeout=30) as client:
        sessions = Sessions(client, stack)
        await sessions.register()
        return Figures.of([await sessions.lag() for _ in range(count)])


async def _run(folder: LocalDir, count: int) -> Figures:
    async with running_stack(folder.root) as stack:
        return await prove(stack, count)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make prove-revocation")
    parser.add_argument("--count", type=int, default=200)
    folder = LocalDir.of_environment().root / "prove-revocation"
    shutil.rmtree(folder, ignore_errors=True)
    figures = asyncio.run(_run(LocalDir.made(folder), parser.parse_args().count))
    print(json.dumps(asdict(figures)))
    return 1 if figures.late else 0


if __name__ == "__main__":
    sys.exit(main())
