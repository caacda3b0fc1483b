"""Access tokens: only a valid one of the right issuer lets in."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.access_token import AUDIENCE, AccessTokenVerifier

ISSUER = "http://identity.test"
KEY = OKPKey.generate_key("Ed25519", parameters={"kid": "k1"})
OTHER = OKPKey.generate_key("Ed25519", parameters={"kid": "k2"})


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
