"""The mailed code: derived, never stored. The notifier derives the same from the same four parts."""

import hashlib
import hmac
import unicodedata
from typing import Literal
from uuid import UUID

Purpose = Literal["signup", "reset"]

DIGITS = 8
MAX_TYPED = 64  # characters looked at, before any work
_CONTEXT = b"newsreel-code-v1\0"
_IGNORED = frozenset({"Cc", "Cf", "Pd", "Zl", "Zp", "Zs"})  # spaces, line ends, dashes, invisible marks


def derive_code(key: bytes, purpose: Purpose, challenge_id: UUID, generation: int) -> str:
    """Eight digits: HMAC-SHA256 as one 256-bit integer mod 10^8, whose bias is below 2^-229.

    (RFC 4226 §5.3 truncates to 31 bits, which would favour some codes by 4.8 %.)
    """
    message = _CONTEXT + purpose.encode() + b"\0" + challenge_id.bytes + generation.to_bytes(4, "big")
    number = int.from_bytes(hmac.digest(key, message, hashlib.sha256), "big")
    return f"{number % 10**DIGITS:0{DIGITS}}"


def read_typed(text: str) -> str | None:
    """The eight digits that a person typed or pasted, in any script's digits; None when it is no code."""
    if len(text) > MAX_TYPED:
        return None
    digits = []
    for character in text:
        value = unicodedata.decimal(character, None)
        if value is not None:
            digits.append(str(value))
        elif unicodedata.category(character) not in _IGNORED:
            return None
    return "".join(digits) if len(digits) == DIGITS else None
