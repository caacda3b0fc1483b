"""What a crowd, or a huge password, can cost: hashes are the dearest thing that a stranger can ask for."""

import asyncio
import threading
from collections import Counter

import httpx
import pytest

from identity.usecases.hash_password import Hashing
from newsreel_testing.identity_service import PASSWORD, Identity


@pytest.mark.parametrize("path", ["/v1/sessions", "/v1/registrations"])
@pytest.mark.parametrize(("length", "status"), [(1_000_000, 413), (2_000, 422)])
async def test_e5_a_huge_password_is_refused_before_any_hash(
    identity: Identity, path: str, length: int, status: int
) -> None:
    identity.hashing.close()  # whoever hashes now fails
    async with identity.client() as client:
        answer = await client.post(
            path, json={"address": "ada@example.org", "password": "Aa1!" * (length // 4)}
        )
        assert answer.status_code == status
        tried = await client.post("/v1/sessions", json={"address": "ada@example.org", "password": PASSWORD})
        assert tried.status_code == 500


async def test_e5_a_thousand_at_once_are_served_in_turn_or_sent_away(identity: Identity) -> None:
    """Two threads hash, whatever comes, 19 MiB each; meanwhile other routes answer."""
    identity.hashing.close()
    identity.hashing = Hashing(2, 16)
    before = set(threading.enumerate())
    bodies = [{"address": f"p{number}@example.org", "password": PASSWORD} for number in range(1000)]
    async with identity.client() as client:
        crowd = asyncio.gather(*(client.post("/v1/sessions", json=body) for body in bodies))
        threads, others = 0, list[httpx.Response]()
        while not crowd.done():
            others.append(await client.get("/v1/password-policy"))
            await asyncio.sleep(0)  # that route waits for nothing
            begun = set(threading.enumerate()) - before
            threads = max(threads, sum(thread.name.startswith("hash") for thread in begun))
        answers = await crowd
    assert Counter(answer.status_code for answer in answers).keys() == {401, 503}
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 503)
    assert threads == 2
    assert len(others) > 1
    assert {answer.status_code for answer in others} == {200}
