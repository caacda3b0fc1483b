"""What a browser is in the middle of, kept by that browser alone."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from portal.domain.places import Home, Place

Purpose = Literal["signup", "reset"]
Notice = Literal[
    "code-sent",
    "newsletter-on",
    "newsletter-off",
    "password-changed",
    "signed-out",
    "signed-out-here",
]


_HOME = Home()


@dataclass(frozen=True)
class Challenge:
    """A request to prove an address; `secret` ties it to this browser."""

    challenge_id: UUID
    secret: str
    purpose: Purpose


@dataclass(frozen=True)
class Reset:
    """The right to set a new password once."""

    challenge_id: UUID
    token: str


@dataclass(frozen=True)
class Flow:
    """`place` is where the person goes on after signing in; `address` is what the person typed."""

    place: Place = _HOME
    address: str = ""
    challenge: Challenge | None = None
    reset: Reset | None = None
    registered: bool = False
    notice: Notice | None = None
