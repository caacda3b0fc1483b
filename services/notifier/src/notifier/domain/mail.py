"""A mail's life: queued, sending, and then accepted, bounced or expired; delayed and unknown on the way.

`unknown` is a mail that a dead process or a lost connection may or may not have handed over. It is sent once
more for each such loss, under the same Message-ID, while `send_before` lasts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from notifier.domain.failure import Failure

Kind = Literal[
    "signup_code",
    "reset_code",
    "address_code",
    "address_taken",
    "no_account",
    "password_changed",
    "address_wanted",
    "address_changed",
    "newsletter",
    "recall",
]
Locale = Literal["en", "fr", "uk"]
State = Literal["queued", "sending", "accepted", "delayed", "bounced", "expired", "unknown"]
Result = Literal["accepted", "refused", "postponed", "lost", "too-late", "not-begun"]
MailEvent = Literal["accepted", "delayed", "bounced", "expired"]

# What is mailed because somebody did something just now.
KINDS: tuple[Kind, ...] = (
    "signup_code",
    "reset_code",
    "address_code",
    "address_taken",
    "no_account",
    "password_changed",
    "address_wanted",
    "address_changed",
)
NEWSLETTER: Kind = "newsletter"
RECALL: Kind = "recall"
LOCALES: tuple[Locale, ...] = ("en", "fr", "uk")
PURPOSES: dict[Kind, str] = {"signup_code": "signup", "reset_code": "reset", "address_code": "address"}
LOSS_LIMIT = 5  # attempts with an unknown outcome: a server may take each copy and never acknowledge it
_FIRST_BACKOFF = 1.0  # seconds
_LONGEST_BACKOFF = 60.0  # seconds; a person is waiting for the code


def known_locale(text: str) -> Locale:
    """The language to write in: English for one that identity knows and we do not yet."""
    return next((locale for locale in LOCALES if locale == text), "en")


@dataclass(frozen=True)
class MailRequest:
    """A mail that was asked for. `kid` names the key of its code, short or long; notices have none."""

    reference_id: UUID
    kind: Kind
    generation: int
    kid: str | None
    address: str
    locale: Locale
    send_before: datetime
    is_long: bool = False


@dataclass(frozen=True)
class Mail:
    """A claimed mail: this process alone may send it while its lease lasts."""

    mail_id: UUID
    reference_id: UUID
    kind: Kind
    generation: int
    kid: str | None
    address: str
    locale: Locale
    send_before: datetime
    attempts: int
    failures: int
    losses: int
    delay_told: bool
    traceparent: str | None
    is_long: bool = False


@dataclass(frozen=True)
class Attempt:
    """What came of one attempt. `code` is the SMTP reply code that decided it.

    refused: for good. postponed: nothing was handed over. lost: the mail may have been taken. too-late:
    `send_before` passed. not-begun: claimed, and given back untouched. `retry_at` overrules the back-off.
    """

    result: Result
    code: int | None = None
    failure: Failure | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Change:
    """What to write to the mail's row, and which event to emit. `next_at` is None when the mail ended."""

    state: State
    next_at: datetime | None
    failed: bool = False
    lost: bool = False
    event: MailEvent | None = None


_ENDS: dict[Result, Change] = {
    "accepted": Change("accepted", None, event="accepted"),
    "refused": Change("bounced", None, event="bounced"),
}


def backoff(failures: int, jitter: float) -> timedelta:
    """The pause after that many failures: doubling from 1 s to 60 s, less up to half. `jitter` in [0, 1)."""
    longest = min(_FIRST_BACKOFF * 2.0 ** min(failures, 16), _LONGEST_BACKOFF)
    return timedelta(seconds=longest * (1 - jitter / 2))


def change_after(mail: Mail, attempt: Attempt, at: datetime, jitter: float) -> Change:
    """What becomes of a mail after an attempt that ended `at`. `jitter` in [0, 1)."""
    if (end := _ENDS.get(attempt.result)) is not None:
        return end
    if attempt.result == "not-begun":
        return Change(_resting(mail), attempt.retry_at or at)
    if attempt.result == "too-late":
        if mail.losses:  # it may have arrived: nobody can say that it expired
            return Change("unknown", None)
        return Change("expired", None, event="expired")
    lost = attempt.result == "lost"
    event: MailEvent | None = None if mail.delay_told else "delayed"
    if lost and mail.losses + 1 >= LOSS_LIMIT:
        return Change("unknown", None, failed=True, lost=True)
    wait_until = attempt.retry_at or at + backoff(mail.failures, jitter)
    next_at = min(wait_until, mail.send_before)  # due at the end, so that it expires then
    return Change("unknown" if lost else "delayed", next_at, failed=True, lost=lost, event=event)


def _resting(mail: Mail) -> State:
    """The state of a mail that was given back as it was."""
    if mail.losses:
        return "unknown"
    return "delayed" if mail.failures else "queued"
