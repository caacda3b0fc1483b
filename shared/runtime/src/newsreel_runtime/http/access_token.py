"""Access tokens are checked where they are used: JWT (RFC 7519), EdDSA (RFC 8037), identity's JWKS."""

import logging
import warnings
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
_LEEWAY = 5  # seconds of clock difference between services
_REFETCH = 10  # seconds between looks for a key that is not known
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


def refused() -> ServiceError:
    """The one answer to a missing, expired or forged token (RFC 6750 §3.1)."""
    return ServiceError("token-refused", 401, "Sign in first", "Send a valid access token.")


def read_claims(token: str, keys: KeySet, issuer: str) -> Access:
    """Check signature, issuer, audience and expiry. Raises `JoseError` or `ValueError`."""
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
    return Access(
        account_id=UUID(claims["sub"]),
        session_id=UUID(claims["sid"]),
        auth_time=datetime.fromtimestamp(claims["auth_time"], UTC),
        roles=tuple(map(str, claims.get("roles", ()))),
    )


class AccessTokenVerifier:
    """Verifies with the keys that `issuer` publishes; fetches them at first use and for an unknown one."""

    def __init__(self, issuer: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._issuer = issuer
        self._transport = transport
        self._keys: KeySet | None = None
        self._fetched_at: datetime | None = None

    async def verify(self, token: str) -> Access:
        """The caller. Raises the 401 `ServiceError` for anything but a valid token."""
        for fetch in (self._keys is None, True):
            if fetch and not await self._fetch():
                break
            try:
                return read_claims(token, self._keys or KeySet([]), self._issuer)
            except (JoseError, ValueError, KeyError, TypeError):
                continue
        raise refused()

    async def _fetch(self) -> bool:
        at = now()
        if self._fetched_at is not None and (at - self._fetched_at).total_seconds() < _REFETCH:
            return False
        try:
            async with http_client(self._issuer, transport=self._transport) as client:
                answer = await client.get("/.well-known/jwks.json")
            self._keys = KeySet.import_key_set(answer.raise_for_status().json())
        except (httpx.HTTPError, ValueError) as error:
            _log.warning("the keys of access tokens could not be fetched: %s", type(error).__qualname__)
            if self._keys is None:
                raise ServiceError(
                    "unavailable", 503, "Not available just now", "Try again in a moment.", retry_after=2
                ) from None
            return False
        self._fetched_at = at
        return True

    async def __call__(
        self, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> Access:
        """A FastAPI dependency: `Annotated[Access, Depends(verifier)]`."""
        if credentials is None:
            raise refused()
        return await self.verify(credentials.credentials)
