"""What a person is told who waits for a mail."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Progress:
    """As identity tells it; `state` may be one that this release does not know."""

    state: str
    code_expires_at: datetime
    resend_after_seconds: int
