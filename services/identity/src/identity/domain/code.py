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


def derive_code(key: bytes, purpose: Purpose, challenge_id: UUID, generation: int) -> str:
    """Eight digits: HMAC-SHA256 as one 256-bit integer mod 10^8, whose bias is below 2^-229.

    (RFC 4226 §5.3 truncates to 31 bits, which would favour some codes by 4.8 %.)
    """
    message = _CONTEXT + purpose.encode() + b"\0" + challenge_id.bytes + generation.to_bytes(4, "big")
    number = int.from_bytes(hmac.digest(key, message, hashlib.sha256), "big")
    return f"{number % 10**DIGITS:0{DIGITS}}"


def read_typed(text: str) -> str | None:
    """The eight digits that a person typed or pasted, in any script's digits; None when there are none.

    They may stand among any marks and words. Other digits may stand beside them behind a letter; when letters
    part the eight themselves, there may be no other digit.
    """
    if len(text) > MAX_TYPED:
        return None
    values = (unicodedata.decimal(letter, None) for letter in text)
    plain = "".join(
        str(value) if value is not None else "a" if letter.isalpha() else "-"
        for letter, value in zip(text, values, strict=True)
    )
    pieces = [piece.replace("-", "") for piece in plain.split("a")]
    whole = {piece for piece in pieces if len(piece) == DIGITS}
    found = whole.pop() if len(whole) == 1 else "".join(pieces)
    return found if len(found) == DIGITS else None
