"""How often an address may be used for what, over sliding windows."""

import hashlib
import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from identity.domain.challenge import CODE_LIFE
from identity.domain.code import Purpose


@dataclass(frozen=True)
class Rule:
    """At most `count` hits in any `period`."""

    count: int
    period: timedelta


@dataclass(frozen=True)
class Limit:
    """Every rule must allow a hit. `at_latest` after the last hit the next is allowed, whatever they say."""

    rules: tuple[Rule, ...]
    at_latest: timedelta | None = None


_HOUR, _DAY = timedelta(hours=1), timedelta(hours=24)
GUESSES = Limit((Rule(10, _DAY),))  # NIST SP 800-63B-4 §3.2.2 allows 100 in a row
SIGN_INS = Limit((Rule(10, timedelta(minutes=15)),))
_FIRST_PAUSE = timedelta(seconds=30)
_MAILS = (Rule(4, _HOUR), Rule(10, _DAY))
# One fewer each: the mail after which a browser that has no code yet gets none has a long code.
_CALM = Limit((Rule(3, _HOUR), Rule(9, _DAY)))
_PURPOSES: tuple[Purpose, ...] = ("signup", "reset")


def mails(generation: int) -> Limit:
    """For the code after `generation`: 30 s after the last mail, doubling each time; the first at once.

    A mail goes whenever no code of an earlier one lives, so that nobody can use up the mails of an address:
    five in any hour at most, and two an hour once the day's ten are gone.
    """
    pauses = [Rule(1, _FIRST_PAUSE * 2 ** min(generation - 1, 10))] if generation else []
    return Limit((*pauses, *_MAILS), at_latest=CODE_LIFE)


def is_under_pressure(mailed: Sequence[datetime], guesses: Sequence[datetime], at: datetime) -> bool:
    """Whether the address's next mail has a long code: by the `mailed` before it and the wrong guesses."""
    return free_at(mailed, _CALM, at) > at or free_at(guesses, GUESSES, at) > at


def free_at(hits: Sequence[datetime], limit: Limit, at: datetime) -> datetime:
    """When the next hit is allowed; `at` when that is now. `hits` are in the order they were made."""
    waits = [hits[-rule.count] + rule.period for rule in limit.rules if len(hits) >= rule.count]
    free = max([at, *waits])
    return max(at, min(free, hits[-1] + limit.at_latest)) if limit.at_latest and hits else free


def retry_after(hits: Sequence[datetime], limit: Limit, at: datetime) -> int:
    """A true Retry-After (RFC 9110 §10.2.3): whole seconds, rounded up, never 0."""
    return max(1, math.ceil((free_at(hits, limit, at) - at).total_seconds()))


@dataclass(frozen=True)
class Buckets:
    """Names for what is counted: keyed hashes of address and use, which mean nothing without the key."""

    lookup_key: bytes = field(repr=False)

    def mail(self, purpose: Purpose, address_key: str) -> bytes:
        return self._named(f"mail\0{purpose}", address_key)

    def guess(self, purpose: Purpose, address_key: str) -> bytes:
        return self._named(f"guess\0{purpose}", address_key)

    def sign_in(self, address_key: str) -> bytes:
        return self._named("sign-in", address_key)

    def all(self, address_key: str) -> list[bytes]:
        """Every bucket of the address, in the order in which they are locked."""
        by_purpose = [use(purpose, address_key) for purpose in _PURPOSES for use in (self.mail, self.guess)]
        return sorted([self.sign_in(address_key), *by_purpose])

    def _named(self, use: str, address_key: str) -> bytes:
        return hmac.digest(self.lookup_key, f"{use}\0{address_key}".encode(), hashlib.sha256)
