"""Access tokens are checked where they are used: JWT (RFC 7519), EdDSA (RFC 8037), identity's JWKS.

The one place of the runtime that knows what an account, a session and a client are, so that no service has it
twice. A person's token and a client's (RFC 9068) say in their header which they are.
"""

import asyncio
import logging
import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet

from newsreel_runtime.clock import now
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.client import http_client

_log = logging.getLogger(__name__)
AUDIENCE = "newsreel"
ALGORITHM = "EdDSA"
PERSON, CLIENT = "JWT", "at+jwt"  # `typ`: signed, so that neither is ever read as the other (RFC 8725 §3.11)
_LEEWAY = 5  # seconds of clock difference between services
_FRESH = 300.0  # seconds: what identity says in Cache-Control
_STALE = 3600.0  # seconds
_RETRY = 10.0  # seconds between two fetches
# RFC 9864 renames EdDSA to Ed25519; verifiers in use elsewhere still know the older name alone.
warnings.filterwarnings("ignore", "EdDSA is deprecated", SecurityWarning)
_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT")


@dataclass(frozen=True)
class Access:
    """Who calls. `auth_time` is when the session began; the account's state may have ended it since."""

    account_id: UUID
    session_id: UUID
    auth_time: datetime
    roles: tuple[str, ...]


@dataclass(frozen=True)
class ClientAccess:
    """A program calls for itself (RFC 6749 §4.4), within its scopes; nobody is signed in."""

    client_id: UUID
    scopes: frozenset[str]
    issued_at: datetime


def refused() -> ServiceError:
    """The one answer to a missing, expired or forged token (RFC 6750 §3.1)."""
    return ServiceError("token-refused", 401, "Sign in first", "Send a valid access token.")


def _lacks(scope: str) -> ServiceError:
    detail = f"Ask identity for a token of the scope {scope}; an operator gives it to the client."
    challenge = f'Bearer error="insufficient_scope", scope="{scope}"'  # RFC 6750 §3.1
    return ServiceError("scope-missing", 403, "The token has not the scope", detail, challenge=challenge)


def read_claims(token: str, keys: KeySet, issuer: str) -> Access | ClientAccess:
    """Check signature, issuer, audience and expiry.

    Raises `JoseError`, `ValueError`, `KeyError` or `TypeError` for what is not wholly a token of identity.
    """
    decoded = jwt.decode(token, keys, algorithms=[ALGORITHM])
    registry = jwt.JWTClaimsRegistry(
        now=lambda: int(now().timestamp()),
        leeway=_LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": AUDIENCE},
        exp={"essential": True},
        sub={"essential": True},
    )
    registry.validate(decoded.claims)
    claims: dict[str, Any] = decoded.claims
    is_client = "client_id" in claims
    if decoded.header["typ"] != (CLIENT if is_client else PERSON) or (is_client and "sid" in claims):
        raise ValueError("neither a person's token nor a client's")
    if is_client:
        if claims["client_id"] != claims["sub"]:
            raise ValueError("a client that calls for somebody else")
        issued_at = datetime.fromtimestamp(claims["iat"], UTC)
        return ClientAccess(UUID(claims["sub"]), frozenset(str(claims["scope"]).split()), issued_at)
    return Access(
        account_id=UUID(claims["sub"]),
        session_id=UUID(claims["sid"]),
        auth_time=datetime.fromtimestamp(claims["auth_time"], UTC),
        roles=tuple(map(str, claims.get("roles", ()))),
    )


class AccessTokenVerifier:
    """Verifies with the keys that `issuer` publishes (RFC 7517). Lets people in, and with `scope` clients
    that have it.

    They are fetched again when they are 300 s old, so that a withdrawn key ends, and for a token of another
    key, every ten seconds at most. While `issuer` is away they are good for an hour.
    """

    def __init__(
        self,
        issuer: str,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        scope: str | None = None,
    ) -> None:
        self._issuer = issuer
        self._scope = scope
        self._transport = transport
        self._clock = clock
        self._keys = KeySet([])
        self._fetched_at = self._tried_at = -math.inf
        self._fetching = asyncio.Lock()

    async def verify(self, token: str) -> Access | ClientAccess:
        """The caller. Raises `ServiceError`: 401 for anything but a valid token, 403 for a client without the
        scope, 503 without keys."""
        tried = None
        for age in (_FRESH, _RETRY):
            keys = await self._keys_of(age)
            if keys is tried:
                break
            try:
                access = read_claims(token, keys, self._issuer)
            except (JoseError, ValueError, KeyError, TypeError):
                tried = keys
            else:
                return self._judged(access)
        raise refused()

    def _judged(self, access: Access | ClientAccess) -> Access | ClientAccess:
        if isinstance(access, Access):
            return access
        if self._scope is None:
            raise refused()
        if self._scope not in access.scopes:
            raise _lacks(self._scope)
        return access

    async def _keys_of(self, age: float) -> KeySet:
        """The keys, `age` seconds old at most if they can be fetched. One call at a time fetches."""
        usable = self._clock() - self._fetched_at < _STALE
        if not (usable and self._fetching.locked()):  # the others go on with what there is
            async with self._fetching:
                at = self._clock()
                if at - self._fetched_at >= age and at - self._tried_at >= _RETRY:
                    self._tried_at = at
                    await self._fetch()
        if self._clock() - self._fetched_at >= _STALE:
            raise ServiceError(
                "unavailable", 503, "Not available just now", "Try again in a moment.", retry_after=2
            )
        return self._keys

    async def _fetch(self) -> None:
        try:
            async with http_client(self._issuer, transport=self._transport) as client:
                answer = await client.get("/.well-known/jwks.json")
            self._keys = KeySet.import_key_set(answer.raise_for_status().json())
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
            _log.warning("the keys of access tokens could not be fetched: %s", type(error).__qualname__)
        else:
            self._fetched_at = self._tried_at

    async def __call__(
        self, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Access | ClientAccess:
        """A FastAPI dependency: `Annotated[Access | ClientAccess, Depends(verifier)]`."""
        if credentials is None:
            raise refused()
        return await self.verify(credentials.credentials)
