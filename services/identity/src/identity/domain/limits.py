"""How often an address may be used for what, over sliding windows."""

import hashlib
import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from identity.domain.challenge import CODE_LIFE
from identity.domain.code import Purpose
from newsreel_runtime.keyring import KeyRing


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
# From one network, or in one browser that signed in before: a delay that grows, never a lock.
SIGN_INS = Limit((Rule(10, timedelta(minutes=15)), Rule(20, 2 * _HOUR), Rule(40, _DAY)))
# Mails that one network asks for, to whatever addresses: a press centre behind one address has room.
NETWORK_MAILS = Limit((Rule(300, timedelta(minutes=10)),))
# Wrong passwords from one network, whosever: what tries one at each of many accounts (credential stuffing).
NETWORK_FAILURES = Limit((Rule(200, timedelta(minutes=10)),))
# Wrong secrets of clients from one network: what quiets a program whose secret is over, or that tries some.
NETWORK_SECRETS = Limit((Rule(200, timedelta(minutes=10)),))
_FIRST_PAUSE = timedelta(seconds=30)
_MAILS = (Rule(4, _HOUR), Rule(10, _DAY))
# One fewer each: the mail after which a browser that has no code yet gets none has a long code.
_CALM = Limit((Rule(3, _HOUR), Rule(9, _DAY)))
_PURPOSES: tuple[Purpose, ...] = ("signup", "reset", "address")


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
    """Names for what is counted: keyed hashes of address and use, which mean nothing without the key.

    Under a new key all counts begin at zero; browsers stay known as long as the old one is there.
    """

    keys: KeyRing = field(repr=False)

    def mail(self, purpose: Purpose, address_key: str) -> bytes:
        return self._named(f"mail\0{purpose}", address_key)

    def guess(self, purpose: Purpose, address_key: str) -> bytes:
        return self._named(f"guess\0{purpose}", address_key)

    def sign_in(self, address_key: str, place: str, since: datetime | None) -> bytes:
        """Tries from one `place`, a network or a browser, `since` the last reset, which so lifts them all."""
        return self._named(f"sign-in\0{place}\0{since}", address_key)

    def mails_from(self, network: str) -> bytes:
        """Mails that a network asked for."""
        return self._named("mails-from", network)

    def failures_from(self, network: str) -> bytes:
        """Wrong passwords from a network."""
        return self._named("failures-from", network)

    def secrets_from(self, network: str) -> bytes:
        """Wrong secrets of clients from a network."""
        return self._named("secrets-from", network)

    def codes(self, address_key: str) -> list[bytes]:
        """What mails and guesses of the address are counted in, in the order in which they are locked."""
        return sorted(use(purpose, address_key) for purpose in _PURPOSES for use in (self.mail, self.guess))

    def known_browser(self, address_key: str, nonce: str) -> str:
        """The token of a browser that signed in to that address (OWASP's device cookie), made of `nonce`."""
        return self._browser_token(self.keys.current[1], address_key, nonce)

    def nonce_of(self, token: str | None, address_key: str) -> str | None:
        """The nonce of a token that was made for that address; None for any other text."""
        if token is None or not token.isascii():
            return None
        nonce = token.partition(".")[0]
        made = [self._browser_token(key, address_key, nonce) for key in self.keys.every]
        return nonce if any(hmac.compare_digest(known, token) for known in made) else None

    def _browser_token(self, key: bytes, address_key: str, nonce: str) -> str:
        text = f"known-browser\0{nonce} {address_key}"
        return f"{nonce}.{_keyed(key, text).hex()}"

    def _named(self, use: str, address_key: str) -> bytes:
        return _keyed(self.keys.current[1], f"{use}\0{address_key}")


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)
