"""Challenges: how long their codes live, and whether a typed code proves one."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from identity.domain.account import Language
from identity.domain.code import LONG, Purpose, derive_code, derive_long_code
from identity.domain.secret import is_secret

CODE_LIFE = timedelta(minutes=30)
CODE_CAP = timedelta(minutes=60)
RESET_LIFE = timedelta(minutes=10)
NOTICE_LIFE = timedelta(minutes=60)  # a changed password is worth a longer outage of the mail server
_REPETITION = timedelta(seconds=10)  # a second press of "send a new code" within these is the first one's
_GUESSES = 5  # wrong ones that a challenge takes, over all of its generations


Fate = Literal["delayed", "bounced", "earlier"]


@dataclass(frozen=True)
class Generation:
    """The n-th code of a challenge. `mail` is what is known of a mail that was not accepted.

    `earlier`: no mail was asked for; the last mail of the address has a code that works.
    """

    number: int
    kid: str
    requested_at: datetime
    accepted_at: datetime | None = None
    mail: Fate | None = None

    @property
    def send_before(self) -> datetime:
        """After this the notifier does not hand the mail over any more."""
        return self.requested_at + CODE_LIFE

    @property
    def expires_at(self) -> datetime:
        """30 minutes from the request; once the mail server took the mail, from then, within 60 in all."""
        begins = max(self.accepted_at or self.requested_at, self.requested_at)
        return min(begins + CODE_LIFE, self.requested_at + CODE_CAP)


@dataclass(frozen=True)
class Challenge:
    """One request to prove an address. A decoy has no account, or an address that another one has.

    The account of a change of address is the one that asked, also when the address `is_taken`.
    """

    challenge_id: UUID
    purpose: Purpose
    account_id: UUID | None
    address: str = field(repr=False)
    address_key: str = field(repr=False)
    locale: Language
    secret_hash: bytes = field(repr=False)
    generation: int = 0
    wrong_guesses: int = 0
    pending_password_hash: str | None = field(default=None, repr=False)
    pending_password_key: str | None = None
    is_closed: bool = False
    proven_at: datetime | None = None
    reset_token_hash: bytes | None = field(default=None, repr=False)
    reset_expires_at: datetime | None = None
    password_set_at: datetime | None = None
    is_taken: bool = False
    generations: tuple[Generation, ...] = ()

    @property
    def is_over(self) -> bool:
        """No code of it can prove anything any more, whatever is mailed."""
        return self.is_closed or self.wrong_guesses >= _GUESSES

    @property
    def is_decoy(self) -> bool:
        """It answers like any other, mails a notice to the address's owner, and proves nothing."""
        return self.account_id is None or self.is_taken

    @property
    def can_prove(self) -> bool:
        """A sign-up whose password is not stored (the process died in between) fails like a wrong code."""
        is_ready = self.purpose != "signup" or self.pending_password_hash is not None
        return is_ready and not self.is_decoy

    @property
    def latest(self) -> Generation:
        return self.generations[-1]

    def was_just_renewed(self, at: datetime) -> bool:
        """Whether a new code is asked for that was just sent: pressed twice, or asked again by a proxy."""
        return self.generation > 1 and at - self.latest.requested_at < _REPETITION

    def may_set_password(self, token: str, at: datetime) -> bool:
        """Whether the reset was proven and `token` is its token, within its time."""
        if self.reset_token_hash is None or self.reset_expires_at is None:
            return False
        return is_secret(token, self.reset_token_hash) and at < self.reset_expires_at


def has_code(challenge: Challenge, typed: str, key_of: Callable[[str], bytes | None], at: datetime) -> bool:
    """Whether `typed` is a code of the challenge that lives at `at`: all are compared, in constant time.

    Both forms of each are good, whichever was mailed: the short one has its guess budget, the long one needs
    none. So a notifier of the last release, which mails short ones alone, works with this service.
    """
    derive = derive_long_code if len(typed) == LONG else derive_code
    found = False
    for generation in challenge.generations:
        key = key_of(generation.kid)
        if key is None or at >= generation.expires_at:
            continue
        code = derive(key, challenge.purpose, challenge.challenge_id, generation.number)
        found |= hmac.compare_digest(code, typed)
    return found
