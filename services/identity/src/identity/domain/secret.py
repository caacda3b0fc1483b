"""Bearer secrets: random, given out once, kept as a hash."""

import base64
import hashlib
import hmac
import secrets
from uuid import UUID


def new_challenge_secret() -> str:
    """128 random bits: binds a challenge to the browser that asked."""
    return secrets.token_urlsafe(16)


def reset_token(challenge_id: UUID, secret: str) -> str:
    """The token of a proven reset. Not random, so that a repeated proof is answered with the same one.

    Before the code is proven it opens nothing, and what is stored of the secret does not give it.
    """
    token = hmac.digest(secret.encode(), b"newsreel-reset-token-v1\0" + challenge_id.bytes, hashlib.sha256)
    return base64.urlsafe_b64encode(token).decode().rstrip("=")


def new_client_secret() -> str:
    """256 random bits: nobody guesses it, however often."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> bytes:
    """SHA-256; enough for secrets that cannot be guessed."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def is_secret(secret: str, expected_hash: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(hash_secret(secret), expected_hash)
