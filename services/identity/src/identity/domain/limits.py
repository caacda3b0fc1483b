"""How often an address may be used for what, over sliding windows."""

import hashlib
import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from identity.domain.code import Purpose


@dataclass(frozen=True)
class Rule:
    """At most `count` hits in any `period`."""

    count: int
    period: timedelta


MAIL_RULES = (Rule(5, timedelta(hours=1)), Rule(10, timedelta(hours=24)))
GUESS_RULES = (Rule(10, timedelta(hours=24)),)  # NIST SP 800-63B-4 §3.2.2 allows 100 in a row
SIGN_IN_RULES = (Rule(10, timedelta(minutes=15)),)
_FIRST_PAUSE = timedelta(seconds=30)
_PURPOSES: tuple[Purpose, ...] = ("signup", "reset")


def mail_rules(generation: int) -> tuple[Rule, ...]:
    """For the code after `generation`: 30 s after the last mail, doubling each time; the first at once."""
    if generation == 0:
        return MAIL_RULES
    return (Rule(1, _FIRST_PAUSE * 2 ** min(generation - 1, 10)), *MAIL_RULES)


def free_at(hits: Sequence[datetime], rules: Sequence[Rule], at: datetime) -> datetime:
    """When the next hit is allowed; `at` when that is now. `hits` are in the order they were made."""
    waits = [hits[-rule.count] + rule.period for rule in rules if len(hits) >= rule.count]
    return max([at, *waits])


def retry_after(hits: Sequence[datetime], rules: Sequence[Rule], at: datetime) -> int:
    """A true Retry-After (RFC 9110 §10.2.3): whole seconds, rounded up, never 0."""
    return max(1, math.ceil((free_at(hits, rules, at) - at).total_seconds()))


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
