"""The mailed code: derived, never stored. The notifier derives the same from the same four parts.

Eight digits, or for an address under pressure the long code: it cannot be guessed, so nobody can use up its
guesses, and it works in every browser that asked for the address.
"""

import hashlib
import hmac
import re
import unicodedata
from typing import Literal
from uuid import UUID

Purpose = Literal["signup", "reset", "address"]

DIGITS = 8
LONG = 26  # symbols of 5 bits
MAX_TYPED = 64  # characters looked at, before any work
_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_READ_AS = str.maketrans("ILO", "110")
_MIXED = re.compile("[A-Za-z][0-9]|[0-9][A-Za-z]")


def derive_code(key: bytes, purpose: Purpose, challenge_id: UUID, generation: int) -> str:
    """Eight digits: HMAC-SHA256 as one 256-bit integer mod 10^8, whose bias is below 2^-229.

    (RFC 4226 §5.3 truncates to 31 bits, which would favour some codes by 4.8 %.)
    """
    number = _number(b"newsreel-code-v1", key, purpose, challenge_id, generation)
    return f"{number % 10**DIGITS:0{DIGITS}}"


def derive_long_code(key: bytes, purpose: Purpose, challenge_id: UUID, generation: int) -> str:
    """26 letters and digits, 130 bits: the lowest of an HMAC-SHA256 of its own, the highest symbol first."""
    number = _number(b"newsreel-long-code-v1", key, purpose, challenge_id, generation)
    return "".join(_SYMBOLS[number >> 5 * place & 31] for place in reversed(range(LONG)))


def _number(context: bytes, key: bytes, purpose: Purpose, challenge_id: UUID, generation: int) -> int:
    message = b"\0".join((context, purpose.encode(), challenge_id.bytes + generation.to_bytes(4, "big")))
    return int.from_bytes(hmac.digest(key, message, hashlib.sha256), "big")


def read_typed(text: str) -> str | None:
    """The code that a person typed or pasted: eight digits, or 26 symbols of a long code. None: neither."""
    if len(text) > MAX_TYPED:
        return None
    return _read_long(text) or _read_digits(text)


def _read_long(text: str) -> str | None:
    """In any case and grouping; I and L are read as 1, O as 0."""
    letters = unicodedata.normalize("NFKC", text).upper()
    symbols = "".join(filter(str.isalnum, letters)).translate(_READ_AS)
    return symbols if len(symbols) == LONG and set(symbols) <= set(_SYMBOLS) else None


def _read_digits(text: str) -> str | None:
    """The eight digits, in any script's digits.

    They may stand among any marks and words. Other digits may stand beside them behind a letter; when words
    part the eight themselves, there may be no other digit, and no letter touches one: that is a mistyped
    long code.
    """
    values = (unicodedata.decimal(letter, None) for letter in text)
    plain = "".join(
        str(value) if value is not None else "a" if letter.isalpha() else "-"
        for letter, value in zip(text, values, strict=True)
    )
    pieces = [piece.replace("-", "") for piece in plain.split("a")]
    whole = {piece for piece in pieces if len(piece) == DIGITS}
    if len(whole) == 1:
        return whole.pop()
    found = "" if _MIXED.search(text) else "".join(pieces)
    return found if len(found) == DIGITS else None
