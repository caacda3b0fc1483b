"""The code of a challenge: derived when it is needed, never stored or carried. Identity derives the same."""

import hmac
from uuid import UUID

DIGITS = 8
LONG = 26  # symbols of 5 bits
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U


def derive_code(key: bytes, purpose: str, challenge_id: UUID, generation: int) -> str:
    """Eight digits, leading zeros kept. Purposes: `signup`, `reset`, `address`.

    A 256-bit integer modulo 10^8: the bias is below 2^-229 (RFC 4226 §5.3's 31 bits would favour some codes).
    """
    number = _number(b"newsreel-code-v1", key, purpose, challenge_id, generation)
    return f"{number % 10**DIGITS:0{DIGITS}}"


def derive_long_code(key: bytes, purpose: str, challenge_id: UUID, generation: int) -> str:
    """26 letters and digits, 130 bits: the lowest of an HMAC-SHA256 of its own, the highest symbol first."""
    number = _number(b"newsreel-long-code-v1", key, purpose, challenge_id, generation)
    return "".join(_SYMBOLS[number >> 5 * place & 31] for place in reversed(range(LONG)))


def _number(context: bytes, key: bytes, purpose: str, challenge_id: UUID, generation: int) -> int:
    message = b"\0".join((context, purpose.encode(), challenge_id.bytes + generation.to_bytes(4, "big")))
    return int.from_bytes(hmac.digest(key, message, "sha256"), "big")
