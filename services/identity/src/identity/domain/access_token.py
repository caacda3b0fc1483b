"""Access tokens: JWT (RFC 7519) signed with Ed25519 (RFC 8037), and the key set that verifies them."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey

from identity.domain.account import Account
from newsreel_runtime.http.access_token import ALGORITHM, AUDIENCE

LIFE_SECONDS = 300


@dataclass(frozen=True)
class Session:
    """A session; the opaque token that stands for it is kept as a hash alone."""

    session_id: UUID
    account_id: UUID
    created_at: datetime
    expires_at: datetime


class TokenSigner:
    """Signs access tokens as `issuer` with one Ed25519 key."""

    def __init__(self, signing_key: str, issuer: str) -> None:
        """`signing_key` is a private JWK (RFC 8037 §2) as JSON. Raises `ValueError` without repeating it."""
        self.issuer = issuer
        try:
            key = OKPKey.import_key(json.loads(signing_key))
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            raise ValueError("the signing key is not a JWK") from None
        if not key.is_private or key.curve_name != "Ed25519":
            raise ValueError("the signing key is not a private Ed25519 key")
        self._key = key
        self._kid = key.kid or key.thumbprint()
        public = key.as_dict(private=False) | {"kid": self._kid, "use": "sig", "alg": ALGORITHM}
        self.public_jwk = {name: str(value) for name, value in public.items() if name != "key_ops"}
        self.key_set = KeySet([OKPKey.import_key(dict(self.public_jwk))])

    def sign(self, account: Account, session: Session, at: datetime) -> str:
        """A token for 300 s. `auth_time` keeps its fraction: a session may begin in the second that ended
        the older ones."""
        issued_at = int(at.timestamp())
        claims = {
            "iss": self.issuer,
            "sub": str(account.account_id),
            "aud": AUDIENCE,
            "iat": issued_at,
            "exp": issued_at + LIFE_SECONDS,
            "sid": str(session.session_id),
            "auth_time": session.created_at.timestamp(),
            "roles": list(account.roles),
        }
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": self._kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])
