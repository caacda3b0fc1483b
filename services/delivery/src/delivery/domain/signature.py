"""HMAC-SHA256 (RFC 2104), with what depends on the key alone computed once per key (§4 there)."""

import hashlib
from binascii import b2a_base64
from functools import lru_cache
from typing import Protocol

_BLOCK = 64  # bytes; a longer key is hashed first
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class _Hash(Protocol):
    """What of `hashlib`'s objects is used."""

    def copy(self) -> "_Hash": ...
    def update(self, text: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


def digest(text: bytes, key: bytes) -> bytes:
    """The 32 bytes of the HMAC, in half the time of `hmac.digest`, which begins with the key each time."""
    inner, outer = _begun(key)
    first = inner.copy()
    first.update(text)
    second = outer.copy()
    second.update(first.digest())
    return second.digest()


def of(text: str, key: bytes) -> str:
    """The HMAC of an ASCII text as base64url without padding, 43 characters (RFC 4648 §5).

    Compare signatures as text: 43 characters hold two spare bits, which decoding would forgive.
    """
    return b2a_base64(digest(text.encode("ascii"), key)).translate(_URL_SAFE, b"=\n").decode("ascii")


@lru_cache(maxsize=16)
def _begun(key: bytes) -> tuple[_Hash, _Hash]:
    block = (key if len(key) <= _BLOCK else hashlib.sha256(key).digest()).ljust(_BLOCK, b"\0")
    return hashlib.sha256(block.translate(_INNER)), hashlib.sha256(block.translate(_OUTER))
