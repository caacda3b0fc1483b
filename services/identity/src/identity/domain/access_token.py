"""Access tokens: JWT (RFC 7519) signed with Ed25519 (RFC 8037), and the key set that verifies them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from identity.domain.account import Account
from identity.domain.session import Session
from newsreel_runtime.http.access_token import ALGORITHM, AUDIENCE, CLIENT, PERSON
from newsreel_runtime.ids import new_id

LIFE_SECONDS = 300


@dataclass(frozen=True)
class _Keys:
    """The key that signs, and what is published of all."""

    signing: OKPKey
    kid: str
    public: tuple[dict[str, str], ...]
    key_set: KeySet


@lru_cache(maxsize=4)
def _keys(text: str) -> _Keys:
    try:
        found = json.loads(text)
        given = [OKPKey.import_key(key) for key in found.get("keys", [found])]
        signing = given[0]
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise ValueError("the signing key is not a JWK, or a set of them") from None
    if not signing.is_private or any(key.curve_name != "Ed25519" for key in given):
        raise ValueError("the signing key is not a private Ed25519 key")
    public = tuple(map(_published, given))
    kids = [key["kid"] for key in public]
    if len(set(kids)) < len(kids):
        raise ValueError("two signing keys have one id")
    return _Keys(signing, kids[0], public, KeySet([OKPKey.import_key(dict(key)) for key in public]))


def _published(key: OKPKey) -> dict[str, str]:
    public = key.as_dict(private=False) | {
        "kid": key.kid or key.thumbprint(),
        "use": "sig",
        "alg": ALGORITHM,
    }
    return {name: str(value) for name, value in public.items() if name != "key_ops"}


class TokenSigner:
    """Signs access tokens as `issuer`, with the first of its Ed25519 keys; all of them verify."""

    def __init__(self, signing_keys: Callable[[], str], issuer: str) -> None:
        """`signing_keys()`, asked at each use, is a private JWK (RFC 8037 §2) or a JWK Set (RFC 7517 §5).

        Raises `ValueError` without repeating it.
        """
        self.issuer = issuer
        self._text = signing_keys
        _keys(signing_keys())

    @property
    def public_jwks(self) -> tuple[dict[str, str], ...]:
        return _keys(self._text()).public

    @property
    def key_set(self) -> KeySet:
        return _keys(self._text()).key_set

    def sign(self, account: Account, session: Session, at: datetime) -> str:
        """A token for 300 s. `auth_time` keeps its fraction: a session may begin in the second that ended
        the older ones."""
        claims = {
            "sid": str(session.session_id),
            "auth_time": session.created_at.timestamp(),
            "roles": list(account.roles),
        }
        return self._sign(PERSON, account.account_id, int(at.timestamp()), claims)

    def sign_for_client(self, client_id: UUID, scopes: tuple[str, ...], at: datetime) -> str:
        """A token for 300 s (RFC 9068 §2.2). `iat` keeps its fraction, as `auth_time` does."""
        claims = {"client_id": str(client_id), "scope": " ".join(scopes), "jti": str(new_id())}
        return self._sign(CLIENT, client_id, at.timestamp(), claims)

    def _sign(self, typ: str, subject: UUID, issued_at: float, more: dict[str, Any]) -> str:
        claims = {
            "iss": self.issuer,
            "sub": str(subject),
            "aud": AUDIENCE,
            "iat": issued_at,
            "exp": int(issued_at) + LIFE_SECONDS,
            **more,
        }
        keys = _keys(self._text())
        header = {"alg": ALGORITHM, "typ": typ, "kid": keys.kid}
        return jwt.encode(header, claims, keys.signing, algorithms=[ALGORITHM])
