"""Access tokens: only a valid one of the right issuer lets in."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI, HTTPException
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.access_token import AUDIENCE, AccessTokenVerifier

ISSUER = "http://identity.test"
KEY = OKPKey.generate_key("Ed25519", parameters={"kid": "k1"})
OTHER = OKPKey.generate_key("Ed25519", parameters={"kid": "k2"})


class Identity:
    """An issuer whose keys can be changed, which counts its calls, and may be away."""

    def __init__(self, *keys: OKPKey) -> None:
        self.keys = list(keys)
        self.fetches = 0
        self.away = False
        self.seconds = 1000.0
        app = FastAPI()

        @app.get("/.well-known/jwks.json")
        async def jwks() -> dict[str, Any]:
            self.fetches += 1
            await asyncio.sleep(0)  # others may call meanwhile
            if self.away:
                raise HTTPException(502)
            return dict(KeySet(list(self.keys)).as_dict(private=False))

        self.verifier = AccessTokenVerifier(ISSUER, httpx.ASGITransport(app), lambda: self.seconds)

    async def status(self, token: str) -> int:
        """200, or that of the refusal."""
        try:
            await self.verifier.verify(token)
        except ServiceError as error:
            return error.status
        return 200


def verifier(*keys: OKPKey) -> AccessTokenVerifier:
    """Against an issuer that publishes `keys`."""
    app = FastAPI()
    published = KeySet(list(keys)).as_dict(private=False)

    @app.get("/.well-known/jwks.json")
    def jwks() -> dict[str, Any]:
        return dict(published)

    return AccessTokenVerifier(ISSUER, httpx.ASGITransport(app))


def claims() -> dict[str, Any]:
    at = int(time.time())
    return {
        "iss": ISSUER,
        "sub": str(uuid4()),
        "aud": AUDIENCE,
        "iat": at,
        "exp": at + 300,
        "sid": str(uuid4()),
        "auth_time": at - 10,
        "roles": ["journalist"],
    }


def token(changed: Mapping[str, Any] | None = None, key: OKPKey = KEY) -> str:
    header = {"alg": "EdDSA", "kid": key.kid or ""}
    merged = {name: value for name, value in (claims() | dict(changed or {})).items() if value is not None}
    return jwt.encode(header, merged, key, algorithms=["EdDSA"])


async def test_a_valid_token_names_the_caller() -> None:
    account = uuid4()
    access = await verifier(KEY).verify(token({"sub": str(account)}))
    assert (access.account_id, access.roles) == (account, ("journalist",))


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": int(time.time()) - 60},
        {"iss": "http://elsewhere.test"},
        {"aud": "other"},
        {"sub": "no-uuid"},
        {"sub": None},
        {"sid": None},
        {"exp": None},
        {"auth_time": "yesterday"},
    ],
)
async def test_a_wrong_claim_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ServiceError) as raised:
        await verifier(KEY).verify(token(changed))
    assert raised.value.status == 401


async def test_another_key_is_refused() -> None:
    with pytest.raises(ServiceError):
        await verifier(KEY).verify(token(key=OTHER))


async def test_an_unsigned_token_is_refused() -> None:
    forged = token().split(".")
    with pytest.raises(ServiceError):
        await verifier(KEY).verify(f"{forged[0]}.{forged[1]}.")


async def test_a_new_key_is_fetched_when_it_appears() -> None:
    assert (await verifier(KEY, OTHER).verify(token(key=OTHER))).roles == ("journalist",)


async def test_a_withdrawn_key_ends_when_the_keys_are_five_minutes_old() -> None:
    identity = Identity(KEY, OTHER)
    stolen = token(key=OTHER)
    assert await identity.status(stolen) == 200
    identity.keys.remove(OTHER)
    identity.seconds += 299
    assert await identity.status(stolen) == 200
    identity.seconds += 2
    assert await identity.status(stolen) == 401
    assert await identity.status(token()) == 200
    assert identity.fetches == 2


async def test_keys_are_good_for_an_hour_while_identity_is_away() -> None:
    identity = Identity(KEY)
    assert await identity.status(token()) == 200
    identity.away = True
    identity.seconds += 3599
    assert await identity.status(token()) == 200
    identity.seconds += 1
    assert await identity.status(token()) == 503
    identity.away = False
    identity.seconds += 10
    assert await identity.status(token()) == 200


@pytest.mark.parametrize("knows_keys", [True, False])
async def test_bad_tokens_cause_one_call_while_identity_is_away(knows_keys: bool) -> None:
    identity = Identity(KEY)
    bad = token(key=OTHER)
    if knows_keys:
        assert await identity.status(token()) == 200
        identity.seconds += 60
    identity.away, identity.fetches = True, 0
    statuses = await asyncio.gather(*(identity.status(bad) for _ in range(50)))
    assert set(statuses) == {401 if knows_keys else 503}
    assert identity.fetches == 1


async def test_bad_tokens_cause_a_call_every_ten_seconds() -> None:
    identity = Identity(KEY)
    bad = token(key=OTHER)
    for _ in range(100):
        assert await identity.status(bad) == 401
        identity.seconds += 1
    assert identity.fetches == 10
