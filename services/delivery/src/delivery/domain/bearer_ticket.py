"""Bearer tickets: the second form of a ticket, whose address is enough where there is no session."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

LONGEST_SECONDS = 30 * 24 * 60 * 60
SHORTEST_SECONDS = 60
MOST_LIVE = 5  # of one grant
_BEARER = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class BearerTicket:
    """`session_began`: of the session that asked for it. It is over at `expires_at`, or once revoked."""

    ticket_id: UUID
    grant_id: UUID
    session_began: datetime
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


def new_bearer() -> str:
    """256 random bits in letters that neither a shell nor a URL has a meaning for."""
    return secrets.token_urlsafe(32)


def is_bearer(text: str) -> bool:
    """Whether it looks like one: what does not needs no look into the database."""
    return _BEARER.fullmatch(text) is not None


def hash_bearer(bearer: str) -> bytes:
    """What is kept of it, and looked up: SHA-256 is enough for what nobody can guess."""
    return hashlib.sha256(bearer.encode()).digest()


def bearer_path(bearer: str, file: str) -> str:
    """The ticket's path. The file's name comes last: that is what curl, wget and aria2 save under."""
    return f"/t/{bearer}/{quote(file, safe='')}"
