"""Sessions: begun by a password, ended by a reset, never by a code."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt

from identity.domain.account import Account
from identity.domain.address import parse_address
from identity.domain.secret import hash_secret
from identity.store import sessions
from identity.store.accounts import Credentials
from identity.usecases.issue_token import issue_token
from identity.usecases.sign_in import Started, admit, sign_in, start_session
from newsreel_runtime.errors import ServiceError
from newsreel_testing.identity_service import ORIGIN, PASSWORD, Identity

ADDRESS = "ada@example.org"
MINUTE = timedelta(minutes=1)


async def try_once(identity: Identity, at: datetime, address: str = ADDRESS) -> Credentials | None:
    """The first step of signing in."""
    async with identity.database.begin() as tx:
        return await admit(tx, parse_address(address), identity.buckets, at)


async def start(identity: Identity, at: datetime, password: str = PASSWORD) -> Started:
    """Sign in."""
    return await sign_in(
        identity.database,
        identity.hashing,
        parse_address(ADDRESS),
        password,
        buckets=identity.buckets,
        clock=lambda: at,
    )


async def is_refused(identity: Identity, at: datetime, password: str = PASSWORD) -> bool:
    """Whether signing in is refused without saying why."""
    try:
        await start(identity, at, password)
    except ServiceError as error:
        return error.code == "sign-in-refused"
    return False


async def token(identity: Identity, started: Started, at: datetime) -> tuple[str, Account]:
    """An access token for the session."""
    async with identity.database.read() as connection:
        return await issue_token(connection, started.token, identity.signer, at)


async def reset(identity: Identity, at: datetime) -> None:
    """The owner sets a new password."""
    asked = await identity.ask_reset(ADDRESS, at)
    proven = await identity.verify(asked, identity.code(asked.challenge_id, "reset"), at)
    assert proven is not None
    assert proven.reset_token is not None
    await identity.set_password(asked.challenge_id, proven.reset_token, "Other-Horse-88", at)


async def ended(call: Callable[[], Awaitable[object]]) -> bool:
    """Whether the call is refused because the session is over."""
    try:
        await call()
    except ServiceError as error:
        return error.code == "session-ended"
    return False


async def test_a_session_gets_tokens_for_twelve_hours(identity: Identity, noon: datetime) -> None:
    account_id = await identity.make_account(ADDRESS, noon)
    started = await start(identity, noon + MINUTE)
    assert started.expires_at == noon + MINUTE + timedelta(hours=12)
    issued, _ = await token(identity, started, started.expires_at - timedelta(seconds=1))
    claims = jwt.decode(issued, identity.signer.key_set, algorithms=["EdDSA"]).claims
    assert (claims["iss"], claims["aud"], claims["sub"]) == (ORIGIN, "newsreel", str(account_id))
    assert claims["exp"] == claims["iat"] + 300
    assert datetime.fromtimestamp(claims["auth_time"], UTC) == noon + MINUTE
    assert claims["roles"] == []
    assert await ended(lambda: token(identity, started, started.expires_at))


async def test_only_hashes_of_session_tokens_are_kept(identity: Identity, noon: datetime) -> None:
    await identity.make_account(ADDRESS, noon)
    started = await start(identity, noon)
    assert len(started.token) == 43
    async with identity.database.read() as connection:
        assert await connection.fetchval("SELECT token_hash FROM session") == hash_secret(started.token)


async def test_signing_out_ends_that_session_alone_and_says_nothing(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon)
    ending, other = await start(identity, noon), await start(identity, noon)
    before = len(await identity.outbox())

    for _ in range(2):  # pressed twice: the answer is the same
        async with identity.database.begin() as tx:
            await sessions.remove(tx, hash_secret(ending.token))
    assert await ended(lambda: token(identity, ending, noon))
    await token(identity, other, noon)
    assert len(await identity.outbox()) == before


async def test_a_reset_ends_every_session_and_frees_signing_in(identity: Identity, noon: datetime) -> None:
    await identity.make_account(ADDRESS, noon)
    started = await start(identity, noon)
    for _ in range(10):
        assert await is_refused(identity, noon, "Wrong-Horse-77")
    await reset(identity, noon + MINUTE)
    assert await ended(lambda: token(identity, started, noon + MINUTE))
    assert await is_refused(identity, noon + MINUTE)
    again = await start(identity, noon + MINUTE, "Other-Horse-88")
    issued, account = await token(identity, again, noon + MINUTE)
    claims = jwt.decode(issued, identity.signer.key_set, algorithms=["EdDSA"]).claims
    began = datetime.fromtimestamp(claims["auth_time"], UTC)
    assert began > account.sessions_valid_after


async def test_an_old_password_that_was_verified_before_the_reset_begins_no_session(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon)
    verified = await try_once(identity, noon)
    assert verified is not None
    await reset(identity, noon)
    address, at = parse_address(ADDRESS), noon + MINUTE
    with pytest.raises(ServiceError) as refusal:
        async with identity.database.begin() as tx:
            await start_session(tx, address, verified, fresh_hash=None, buckets=identity.buckets, at=at)
    assert refusal.value.code == "sign-in-refused"


async def test_ten_failures_delay_and_success_forgives(identity: Identity, noon: datetime) -> None:
    await identity.make_account(ADDRESS, noon)
    for _ in range(9):
        assert await is_refused(identity, noon, "Wrong-Horse-77")
    await start(identity, noon)
    for _ in range(10):
        assert await is_refused(identity, noon, "Wrong-Horse-77")
    with pytest.raises(ServiceError) as delayed:
        await start(identity, noon + MINUTE)
    assert (delayed.value.code, delayed.value.retry_after) == ("too-many-requests", 14 * 60)
    await start(identity, noon + 15 * MINUTE)


async def test_parallel_tries_count_exactly_and_unknown_addresses_are_delayed_too(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon)
    for address in (ADDRESS, "nobody@example.org"):
        tries = (try_once(identity, noon, address) for _ in range(50))
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(outcome, ServiceError) for outcome in outcomes) == 40


@pytest.mark.parametrize("status", ["suspended", "deleted"])
async def test_an_account_that_is_not_active_has_no_sessions(
    identity: Identity, noon: datetime, status: str
) -> None:
    await identity.make_account(ADDRESS, noon)
    started = await start(identity, noon)
    async with identity.database.begin() as tx:
        await tx.sql.execute("UPDATE account SET status = $1", status)
    assert await ended(lambda: token(identity, started, noon))
    assert await is_refused(identity, noon)


async def test_an_unverified_account_cannot_sign_in(identity: Identity, noon: datetime) -> None:
    await identity.register(ADDRESS, noon)
    assert await is_refused(identity, noon)


async def test_a_machine_whose_clock_is_behind_cannot_begin_a_dead_session(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon)
    await reset(identity, noon + MINUTE)
    started = await start(identity, noon, "Other-Horse-88")
    await token(identity, started, noon)
