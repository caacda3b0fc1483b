"""The code of a challenge: derived when it is needed, never stored or carried."""

import hmac
from uuid import UUID

DIGITS = 8


def derive_code(key: bytes, purpose: str, challenge_id: UUID, generation: int) -> str:
    """Eight digits, leading zeros kept. Purposes: `signup`, `reset`. Identity derives the same ones.

    A 256-bit integer modulo 10^8: the bias is below 2^-229 (RFC 4226 §5.3's 31 bits would favour some codes).
    """
    message = (
        b"newsreel-code-v1\0" + purpose.encode() + b"\0" + challenge_id.bytes + generation.to_bytes(4, "big")
    )
    digest = hmac.digest(key, message, "sha256")
    return f"{int.from_bytes(digest, 'big') % 10**DIGITS:0{DIGITS}}"
