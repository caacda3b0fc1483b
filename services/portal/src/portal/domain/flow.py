"""What a browser is in the middle of, kept by that browser alone."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from portal.domain.places import Home, Place

Purpose = Literal["signup", "reset", "address"]
Flash = Literal[
    "account-closed",
    "address-changed",
    "code-sent",
    "download-revoked",
    "language-changed",
    "name-changed",
    "newsletter-on",
    "newsletter-off",
    "password-changed",
    "password-changed-here",
    "signed-out",
    "signed-out-everywhere",
    "signed-out-here",
    "signed-out-there",
    "ticket-revoked",
]
_HOME = Home()
_REMEMBERED = 4  # challenges: a cookie holds 4 kB


@dataclass(frozen=True)
class Challenge:
    """A request of this browser to prove an address; `ends` is when no code of it can work any more.

    A reset is proven by its code, which gave the token, and done when the new password is set. A change of
    address names the new one.
    """

    challenge_id: UUID
    purpose: Purpose
    address: str
    ends: datetime
    state: Literal["open", "proven", "done"] = "open"
    reset_token: str | None = None


@dataclass(frozen=True)
class Flow:
    """`place` is where the person goes on after signing in; `address` is what the person typed.

    Challenges of all tabs, the one that was used last first. They outlive their end by what a page needs to
    answer a repetition like the first time.
    """

    place: Place = _HOME
    address: str = ""
    challenges: tuple[Challenge, ...] = ()
    flash: Flash | None = None

    def latest(self, purpose: Purpose) -> Challenge | None:
        """The challenge that a page without further word is about."""
        return next((known for known in self.challenges if known.purpose == purpose), None)

    def find(self, challenge_id: UUID) -> Challenge | None:
        """A challenge that is remembered."""
        return next((known for known in self.challenges if known.challenge_id == challenge_id), None)

    def awaited(self, at: datetime) -> tuple[Challenge, ...]:
        """Of each purpose the latest challenge, when a code of it may still be entered."""
        latest = (self.latest("signup"), self.latest("reset"), self.latest("address"))
        return tuple(known for known in latest if known and known.state == "open" and at < known.ends)

    def used(self, challenge: Challenge) -> "Flow":
        """The flow after something was done with the challenge."""
        others = self.forgotten(challenge.challenge_id).challenges
        return replace(self, challenges=(challenge, *others)[:_REMEMBERED])

    def forgotten(self, challenge_id: UUID) -> "Flow":
        """The flow without that challenge."""
        others = tuple(known for known in self.challenges if known.challenge_id != challenge_id)
        return replace(self, challenges=others)
