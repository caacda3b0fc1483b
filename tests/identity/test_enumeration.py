"""The short form of `make prove-enumeration`, and that it finds what it looks for."""

import json
import random
from collections.abc import Callable

import httpx
import pytest

from identity.domain.password_hash import hash_password
from newsreel_proving.enumeration import Asking, about, auc, prove
from newsreel_testing.databases import Databases
from newsreel_testing.identity_service import ORIGIN

# With 40 times of each standing, chance alone is above it once in 500,000 runs.
_SHORT_LIMIT = 0.85


@pytest.mark.parametrize(
    ("one", "other", "figure"),
    [
        ([1, 2, 3], [1, 2, 3], 0.5),
        ([1, 1], [1, 1], 0.5),
        ([1, 2], [3, 4], 1.0),
        ([3, 4], [1, 2], 1.0),
        ([1, 4], [2, 3], 0.5),
        ([1, 2, 5], [2, 3], 2.5 / 6),
    ],
)
def test_the_auc_is_two_sided_and_halves_ties(one: list[float], other: list[float], figure: float) -> None:
    assert auc(one, other) == pytest.approx(max(figure, 1 - figure))


async def test_e1_e6_the_time_of_an_answer_says_nothing_of_the_address(
    databases: Databases,
) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")
    figures = await prove(databases, 40, seed)
    print(figures)
    assert set(figures) == {"auc_register", "auc_signin", "auc_forgot", "auc_resend"}
    assert max(figures.values()) < _SHORT_LIMIT


def hashes_for_known_ones(request: httpx.Request) -> httpx.Response:
    """A planted oracle: of an unknown address the password is not even looked at."""
    if not json.loads(request.content)["address"].startswith("n"):
        hash_password("Wrong-Horse-77")
    return httpx.Response(401, json={})


def greets_known_ones(request: httpx.Request) -> httpx.Response:
    """Another: the same work, and other words."""
    known = not json.loads(request.content)["address"].startswith("n")
    return httpx.Response(401, json={"detail": "Wrong password." if known else "Who are you?"})


def refuses_known_ones(request: httpx.Request) -> httpx.Response:
    """And another status."""
    return httpx.Response(401 if json.loads(request.content)["address"].startswith("n") else 403, json={})


async def asked(planted: Callable[[httpx.Request], httpx.Response]) -> float:
    async with httpx.AsyncClient(transport=httpx.MockTransport(planted), base_url=ORIGIN) as client:
        figure, _ = await Asking(client, 20, random.Random(1)).ask(401, about("/v1/sessions"))
        return figure


async def test_e1_an_oracle_of_time_is_found() -> None:
    assert await asked(hashes_for_known_ones) > 0.9


@pytest.mark.parametrize(
    ("planted", "said"), [(greets_known_ones, "the answers differ"), (refuses_known_ones, "403")]
)
async def test_e1_an_oracle_of_words_is_found(
    planted: Callable[[httpx.Request], httpx.Response], said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        await asked(planted)
