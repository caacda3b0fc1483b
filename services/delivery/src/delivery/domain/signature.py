"""HMAC-SHA256 as text: base64url without padding, 43 characters (RFC 2104, RFC 4648 §5)."""

import base64
import hashlib
import hmac


def of(text: str, key: bytes) -> str:
    """The signature of an ASCII text.

    Compare signatures as text: 43 characters hold two spare bits, which decoding would forgive.
    """
    digest = hmac.digest(key, text.encode("ascii"), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
