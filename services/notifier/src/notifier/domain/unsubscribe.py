"""The link in each newsletter that ends the subscription. Identity reads the token with the same keys."""

import base64
import hashlib
import hmac
from uuid import UUID

from newsreel_runtime.keyring import KeyRing

_CONTEXT = b"newsreel-unsubscribe-v1\0"
_MAC_BYTES = 16


def unsubscribe_token(keys: KeyRing, account_id: UUID) -> str:
    """`<key id>.<43 letters>`: the account and 128 bits of HMAC-SHA256. It opens nothing but the way out."""
    kid, key = keys.current
    mac = hmac.digest(key, _CONTEXT + account_id.bytes, hashlib.sha256)[:_MAC_BYTES]
    return f"{kid}.{base64.urlsafe_b64encode(account_id.bytes + mac).decode().rstrip('=')}"
