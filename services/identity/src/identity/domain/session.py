"""Sessions: how long they live, and the opaque tokens that stand for them, one generation after the other.

A token is derived, never stored: a dump of the database gives none, and a token of any age is recognised. The
next generation takes over when it is first used; so an answer that is lost on the way signs nobody out.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from newsreel_runtime.keyring import KeyRing

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=30)
RENEWAL = timedelta(minutes=10)  # the age at which a token gets its successor
GRACE = timedelta(seconds=30)  # for what was on its way when the successor was first used
_TOKEN = re.compile(r"([0-9a-f]{32})\.(0|[1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})")
_CONTEXT = b"newsreel-session-v1\0"

Standing = Literal["current", "next", "late", "reused"]


@dataclass(frozen=True)
class Session:
    """`generation` is the newest token that was used, at `renewed_at` for the first time.

    Without `seed` a service of the last release began it: its one token is random and kept as a hash.
    `used_at` is exact to ten minutes; `browser` is what the person may know it by.
    """

    session_id: UUID
    account_id: UUID
    created_at: datetime
    expires_at: datetime
    seed: bytes | None = field(default=None, repr=False)
    generation: int = 0
    renewed_at: datetime | None = None
    used_at: datetime | None = None
    browser: str | None = None

    def ends_when_used(self, at: datetime) -> datetime:
        """After 12 hours without use, and 30 days in any case."""
        return min(at + IDLE, self.created_at + ABSOLUTE)

    def standing(self, generation: int, at: datetime) -> Standing:
        """Of an authentic token. Reused: somebody else went on with the session meanwhile."""
        if generation > self.generation:
            return "next"
        if generation == self.generation:
            return "current"
        is_late = generation == self.generation - 1 and at - self._since < GRACE
        return "late" if is_late else "reused"

    def is_due(self, at: datetime) -> bool:
        """Whether the current token gets its successor."""
        return at - self._since >= RENEWAL

    def is_seen_anew(self, at: datetime) -> bool:
        """Whether this use is written down."""
        return at - (self.used_at or self.created_at) >= RENEWAL

    @property
    def _since(self) -> datetime:
        return self.renewed_at or self.created_at


@dataclass(frozen=True)
class TokenName:
    """What a token says of itself, before it is known to be authentic."""

    session_id: UUID
    generation: int


def read_token(text: str) -> TokenName | None:
    """None: not of this form, as the tokens of the last release."""
    found = _TOKEN.fullmatch(text)
    return TokenName(UUID(found[1]), int(found[2])) if found else None


def new_seed() -> bytes:
    """128 random bits."""
    return secrets.token_bytes(16)


def make_token(keys: KeyRing, session_id: UUID, seed: bytes, generation: int) -> str:
    """256 bits that take both the service's key and the session's seed, behind what they are for."""
    return _token(keys.current[1], session_id, seed, generation)


def is_authentic(keys: KeyRing, session: Session, generation: int, token: str) -> bool:
    """Whether a key of ours made that token for the session; compared in constant time."""
    if session.seed is None:
        return False
    made = [_token(key, session.session_id, session.seed, generation) for key in keys.every]
    return any(hmac.compare_digest(known, token) for known in made)


def _token(key: bytes, session_id: UUID, seed: bytes, generation: int) -> str:
    message = _CONTEXT + session_id.bytes + generation.to_bytes(4, "big") + seed
    mac = base64.urlsafe_b64encode(hmac.digest(key, message, hashlib.sha256)).decode().rstrip("=")
    return f"{session_id.hex}.{generation}.{mac}"
