"""The token of a newsletter's link that ends the subscription. The notifier makes it with the same keys."""

import base64
import hashlib
import hmac
import re
from uuid import UUID

from newsreel_runtime.keyring import KeyRing

_CONTEXT = b"newsreel-unsubscribe-v1\0"
_MAC_BYTES = 16
_TOKEN = re.compile(r"(?P<kid>[^.]{1,64})\.(?P<rest>[A-Za-z0-9_-]{43})")


def account_of(token: str, keys: KeyRing) -> UUID | None:
    """The account that `<key id>.<43 letters>` is about, or nothing when no key of ours made it."""
    found = _TOKEN.fullmatch(token)
    key = keys.get(found["kid"]) if found is not None else None
    if found is None or key is None:
        return None
    rest = base64.urlsafe_b64decode(found["rest"] + "=")
    account_id, mac = rest[:-_MAC_BYTES], rest[-_MAC_BYTES:]
    expected = hmac.digest(key, _CONTEXT + account_id, hashlib.sha256)[:_MAC_BYTES]
    return UUID(bytes=account_id) if hmac.compare_digest(mac, expected) else None
