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
from newsreel_runtime.http.access_token import AUDIENCE, Access, AccessTokenVerifier, ClientAccess
from newsreel_runtime.http.problems import response

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


def verifier(*keys: OKPKey, scope: str | None = None) -> AccessTokenVerifier:
    """Against an issuer that publishes `keys`."""
    app = FastAPI()
    published = KeySet(list(keys)).as_dict(private=False)

    @app.get("/.well-known/jwks.json")
    def jwks() -> dict[str, Any]:
        return dict(published)

    return AccessTokenVerifier(ISSUER, httpx.ASGITransport(app), scope=scope)


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


def token(changed: Mapping[str, Any] | None = None, key: OKPKey = KEY, typ: str = "JWT") -> str:
    header = {"alg": "EdDSA", "kid": key.kid or "", "typ": typ}
    merged = {name: value for name, value in (claims() | dict(changed or {})).items() if value is not None}
    return jwt.encode(header, merged, key, algorithms=["EdDSA"])


def client_claims(**changed: Any) -> dict[str, Any]:
    """What turns a person's claims into a client's (RFC 9068 §2.2)."""
    client = str(uuid4())
    not_a_persons = dict.fromkeys(("sid", "auth_time", "roles"))
    return {"sub": client, "client_id": client, "scope": "other downloads", **not_a_persons, **changed}


async def test_a_valid_token_names_the_caller() -> None:
    account = uuid4()
    access = await verifier(KEY).verify(token({"sub": str(account)}))
    assert isinstance(access, Access)
    assert (access.account_id, access.roles) == (account, ("journalist",))


async def test_a_client_is_let_in_where_its_scope_is_asked_for() -> None:
    sent = client_claims(iat=time.time() - 1.5)
    access = await verifier(KEY, scope="downloads").verify(token(sent, typ="at+jwt"))
    assert isinstance(access, ClientAccess)
    assert (str(access.client_id), set(access.scopes)) == (sent["sub"], {"other", "downloads"})
    assert access.issued_at.timestamp() == pytest.approx(sent["iat"], abs=1e-5)


@pytest.mark.parametrize("scope", ["", "other", "downloads:all", "DOWNLOADS", "other\tdownload"])
async def test_a_client_without_the_scope_is_told_what_it_lacks(scope: str) -> None:
    with pytest.raises(ServiceError) as raised:
        await verifier(KEY, scope="downloads").verify(token(client_claims(scope=scope), typ="at+jwt"))
    assert (raised.value.status, raised.value.code) == (403, "scope-missing")
    challenge = response(raised.value).headers["www-authenticate"]
    assert challenge == 'Bearer error="insufficient_scope", scope="downloads"'


async def test_a_client_is_nobody_where_people_alone_are_let_in() -> None:
    with pytest.raises(ServiceError) as raised:
        await verifier(KEY).verify(token(client_claims(), typ="at+jwt"))
    assert (raised.value.status, raised.value.code) == (401, "token-refused")


@pytest.mark.parametrize(
    ("changed", "typ"),
    [
        (client_claims(), "JWT"),
        (client_claims(sid=str(uuid4()), auth_time=1, roles=[]), "JWT"),
        (client_claims(sid=str(uuid4()), auth_time=1, roles=[]), "at+jwt"),
        (client_claims(sub=str(uuid4())), "at+jwt"),
        (client_claims(client_id=None), "at+jwt"),
        (client_claims(scope=None), "at+jwt"),
        (client_claims(scope=["downloads"], iat="now"), "at+jwt"),
        (client_claims(iat=None), "at+jwt"),
        (client_claims(exp=int(time.time()) - 60), "at+jwt"),
        ({}, "at+jwt"),
        ({}, "jwt"),
    ],
)
@pytest.mark.parametrize("scope", [None, "downloads"])
async def test_what_is_neither_a_persons_nor_a_clients_is_refused(
    changed: dict[str, Any], typ: str, scope: str | None
) -> None:
    with pytest.raises(ServiceError) as raised:
        await verifier(KEY, scope=scope).verify(token(changed, typ=typ))
    assert (raised.value.status, raised.value.code) == (401, "token-refused")


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
    assert isinstance(await verifier(KEY, OTHER).verify(token(key=OTHER)), Access)


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
