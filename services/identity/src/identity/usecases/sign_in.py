"""Signing in: admitted, then the password is verified outside of any transaction, then the session begins."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from opentelemetry import metrics

from identity import errors
from identity.domain.address import Address
from identity.domain.keys import Keys
from identity.domain.limits import NETWORK_FAILURES, SIGN_INS, Buckets, free_at, retry_after
from identity.domain.network import Origin
from identity.domain.password_hash import PasswordHash
from identity.domain.secret import new_challenge_secret
from identity.store import accounts, allowances
from identity.usecases.begin_session import Browser, Started, begin_session
from identity.usecases.hash_password import Hashing
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.transaction import Tx

_tries = metrics.get_meter("newsreel").create_counter(
    "newsreel.sign_ins", unit="{try}", description="Passwords that were tried."
)


@dataclass(frozen=True)
class Admitted:
    """A try that was counted in `bucket`. `nonce` is of the browser that is known, or may come to be."""

    known: accounts.Credentials | None
    bucket: bytes
    nonce: str = field(repr=False)


async def sign_in(
    database: Database,
    hashing: Hashing,
    address: Address | None,
    password: str,
    *,
    origin: Origin,
    keys: Keys,
    clock: Callable[[], datetime] = now,
) -> Started:
    """Begin a session. No address, an unknown one and one without a password cost the same work.

    Raises `ServiceError`: 401 sign-in-refused for every cause, 429, 503.
    """
    admitted = None
    if address is not None:
        async with database.begin() as tx:
            admitted = await admit(tx, address, origin, keys.buckets, clock())
    stored = admitted.known.password_hash if admitted is not None and admitted.known is not None else None
    is_right = await hashing.verify(stored, password)
    if address is None or admitted is None or stored is None or not is_right:
        _tries.add(1, {"outcome": "refused"})
        async with database.begin() as tx:
            failures = keys.buckets.failures_from(origin.network)
            await allowances.spend(tx, failures, NETWORK_FAILURES, clock())
        raise errors.sign_in_refused()
    _tries.add(1, {"outcome": "right"})
    fresh_hash = await hashing.hash(password) if hashing.is_outdated(stored) else None
    async with database.begin() as tx:
        return await start_session(
            tx, address, admitted, fresh_hash=fresh_hash, browser=origin.browser, keys=keys, at=clock()
        )


async def admit(tx: Tx, address: Address, origin: Origin, buckets: Buckets, at: datetime) -> Admitted:
    """Count a try before it is made, so that parallel ones cannot slip through; success clears the count.

    A stranger uses up the tries of the stranger's own network, at this address and at all. A browser that
    signed in before has tries of its own, whoever shares its network. Raises `ServiceError` 429: a delay,
    never a lock; a reset lifts that of the address.
    """
    known = await accounts.find_credentials(tx.sql, address.key)
    nonce = buckets.nonce_of(origin.known_browser, address.key)
    if nonce is None:
        await _check_network(tx, buckets.failures_from(origin.network), at)
    place = f"browser {nonce}" if nonce is not None else origin.network
    # Registering somebody else's address must not begin the count anew: that would tell it from a proven one.
    is_proven = known is not None and known.password_hash is not None
    since = known.sessions_valid_after if known is not None and is_proven else None
    bucket = buckets.sign_in(address.key, place, since)
    spent = await allowances.spend(tx, bucket, SIGN_INS, at)
    if not spent.is_allowed:
        _tries.add(1, {"outcome": "delayed"})
        raise errors.too_many_requests(retry_after(spent.hits, SIGN_INS, at))
    return Admitted(known, bucket, nonce or new_challenge_secret())


async def _check_network(tx: Tx, failures: bytes, at: datetime) -> None:
    hits = await allowances.hits_of(tx.sql, failures)
    if free_at(hits, NETWORK_FAILURES, at) > at:
        _tries.add(1, {"outcome": "delayed"})
        raise errors.too_many_requests(retry_after(hits, NETWORK_FAILURES, at))


async def start_session(
    tx: Tx,
    address: Address,
    admitted: Admitted,
    *,
    fresh_hash: PasswordHash | None,
    browser: str | None,
    keys: Keys,
    at: datetime,
) -> Started:
    """Begin a session for the password that was verified; `fresh_hash` replaces an outdated hash.

    Raises `ServiceError` 401 when the account is not active or its password was changed meanwhile.
    """
    await accounts.lock_address(tx, address.key)
    verified = admitted.known
    if verified is None or verified.password_hash is None:
        raise errors.sign_in_refused()
    known_as = Browser(admitted.nonce, browser)
    started = await begin_session(
        tx, verified.account_id, address.key, verified.password_hash, known_as, keys=keys, at=at
    )
    if started is None:
        raise errors.sign_in_refused()
    await allowances.clear(tx, [admitted.bucket])
    if fresh_hash is not None:
        await accounts.update_hash(tx, verified.account_id, verified.password_hash, fresh_hash)
    return started
