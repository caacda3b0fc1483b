"""Bearer secrets: random, given out once, kept as a hash."""

import hashlib
import hmac
import secrets


def new_challenge_secret() -> str:
    """128 random bits: binds a challenge to the browser that asked."""
    return secrets.token_urlsafe(16)


def new_token() -> str:
    """256 random bits: a session or a reset token."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> bytes:
    """SHA-256; enough for secrets that cannot be guessed."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def is_secret(secret: str, expected_hash: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(hash_secret(secret), expected_hash)
