"""Sessions: begun by a password, ended by a reset, never by a code."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt

from identity.domain.account import Account
from identity.domain.address import parse_address
from identity.domain.network import Origin
from identity.usecases.begin_session import Started
from identity.usecases.end_sessions import end_sessions, sign_out
from identity.usecases.issue_token import issue_token
from identity.usecases.sign_in import Admitted, admit, start_session
from newsreel_runtime.errors import ServiceError
from newsreel_testing.identity_service import HOME, ORIGIN, PASSWORD, Identity

ADDRESS = "ada@example.org"
MINUTE = timedelta(minutes=1)


async def try_once(identity: Identity, at: datetime, address: str = ADDRESS) -> Admitted:
    """The first step of signing in."""
    async with identity.database.begin() as tx:
        return await admit(tx, parse_address(address), HOME, identity.buckets, at)


async def start(identity: Identity, at: datetime, password: str = PASSWORD, origin: Origin = HOME) -> Started:
    """Sign in."""
    return await identity.sign_in(ADDRESS, password, at, origin)


async def is_refused(
    identity: Identity, at: datetime, password: str = PASSWORD, origin: Origin = HOME
) -> bool:
    """Whether signing in is refused without saying why."""
    try:
        await start(identity, at, password, origin)
    except ServiceError as error:
        return error.code == "sign-in-refused"
    return False


async def refusal_of(identity: Identity, at: datetime, origin: Origin) -> ServiceError:
    """Sign in with a wrong password."""
    with pytest.raises(ServiceError) as refused:
        await start(identity, at, "Wrong-Horse-77", origin)
    return refused.value


async def token(identity: Identity, started: Started, at: datetime) -> tuple[str, Account]:
    """An access token for the session."""
    issued = await issue_token(identity.database, started.token, identity.keys.sessions, identity.signer, at)
    return issued.access_token, issued.account


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


async def test_a_session_gets_tokens(identity: Identity, noon: datetime) -> None:
    account_id = await identity.make_account(ADDRESS, noon)
    started = await start(identity, noon + MINUTE)
    assert started.expires_at == noon + MINUTE + timedelta(hours=12)
    issued, _ = await token(identity, started, noon + 2 * MINUTE)
    claims = jwt.decode(issued, identity.signer.key_set, algorithms=["EdDSA"]).claims
    assert (claims["iss"], claims["aud"], claims["sub"]) == (ORIGIN, "newsreel", str(account_id))
    assert claims["exp"] == claims["iat"] + 300
    assert datetime.fromtimestamp(claims["auth_time"], UTC) == noon + MINUTE
    assert claims["roles"] == []


async def test_signing_out_ends_that_session_alone_and_says_nothing(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon)
    ending, other = await start(identity, noon), await start(identity, noon)
    before = len(await identity.outbox())

    for _ in range(2):  # pressed twice: the answer is the same
        async with identity.database.begin() as tx:
            await sign_out(tx, ending.token, identity.keys.sessions, noon)
    assert await ended(lambda: token(identity, ending, noon))
    await token(identity, other, noon)
    assert len(await identity.outbox()) == before


async def test_s2_a_reset_ends_every_session_and_frees_signing_in(identity: Identity, noon: datetime) -> None:
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
    admitted = await try_once(identity, noon)
    await reset(identity, noon)
    address, at = parse_address(ADDRESS), noon + MINUTE
    with pytest.raises(ServiceError) as refusal:
        async with identity.database.begin() as tx:
            await start_session(
                tx, address, admitted, fresh_hash=None, browser=None, keys=identity.keys, at=at
            )
    assert refusal.value.code == "sign-in-refused"


async def test_e3_ten_failures_delay_and_success_forgives(identity: Identity, noon: datetime) -> None:
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


async def test_e3_a_strangers_wrong_passwords_delay_the_strangers_network_alone(
    identity: Identity, noon: datetime
) -> None:
    """The delay grows; the owner signs in from elsewhere, and in a known browser from next door, too."""
    await identity.make_account(ADDRESS, noon)
    before = await start(identity, noon)
    stranger = Origin("198.51.100.9/32")
    waits, at, tries = [], noon, 0
    while at < noon + timedelta(hours=24):
        refusal = await refusal_of(identity, at, stranger)
        if refusal.code == "sign-in-refused":
            tries += 1
            continue
        waits.append(refusal.retry_after or 0)
        at += timedelta(seconds=waits[-1])
    assert tries == 40
    assert waits == [15 * 60, 105 * 60, 15 * 60, 24 * 3600 - 135 * 60]
    await start(identity, noon + timedelta(hours=3))
    next_door = Origin(stranger.network, before.known_browser)
    again = await start(identity, noon + timedelta(hours=3), origin=next_door)
    assert again.known_browser == before.known_browser


async def test_e3_a_known_browser_has_tries_of_its_own_and_no_more(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon)
    await identity.make_account("eve@example.org", noon)
    known = Origin("192.0.2.7/32", (await start(identity, noon)).known_browser)
    for origin in (known, HOME):
        for _ in range(10):
            assert await is_refused(identity, noon, "Wrong-Horse-77", origin)
        with pytest.raises(ServiceError, match="too-many-requests"):
            await start(identity, noon, origin=origin)
    elsewhere = Origin("203.0.113.5/32", known.known_browser)
    with pytest.raises(ServiceError, match="too-many-requests"):
        await start(identity, noon, origin=elsewhere)
    eves = Origin(HOME.network, (await identity.sign_in("eve@example.org", PASSWORD, noon)).known_browser)
    with pytest.raises(ServiceError, match="too-many-requests"):
        await start(identity, noon, origin=eves)


async def test_registering_an_address_does_not_lift_its_delay(identity: Identity, noon: datetime) -> None:
    """Else it would tell addresses with an account from those without."""
    await identity.make_account(ADDRESS, noon)
    for address in (ADDRESS, "nobody@example.org"):
        for _ in range(10):
            await try_once(identity, noon, address)
        await identity.register(address, noon)
        with pytest.raises(ServiceError) as delayed:
            await try_once(identity, noon + MINUTE, address)
        assert delayed.value.retry_after == 14 * 60


async def test_e1_e3_parallel_tries_count_exactly_and_unknown_addresses_are_delayed_too(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon)
    for address in (ADDRESS, "nobody@example.org"):
        tries = (try_once(identity, noon, address) for _ in range(50))
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        assert sum(isinstance(outcome, ServiceError) for outcome in outcomes) == 40


@pytest.mark.parametrize("status", ["suspended", "deleted"])
async def test_e6_an_account_that_is_not_active_has_no_sessions(
    identity: Identity, noon: datetime, status: str
) -> None:
    await identity.make_account(ADDRESS, noon)
    started = await start(identity, noon)
    async with identity.database.begin() as tx:
        await tx.sql.execute("UPDATE account SET status = $1", status)
    assert await ended(lambda: token(identity, started, noon))
    assert await is_refused(identity, noon)


async def test_e6_an_unverified_account_cannot_sign_in(identity: Identity, noon: datetime) -> None:
    await identity.register(ADDRESS, noon)
    assert await is_refused(identity, noon)


async def test_c5_a_machine_whose_clock_is_behind_cannot_begin_a_dead_session(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon)
    await reset(identity, noon + MINUTE)
    started = await start(identity, noon, "Other-Horse-88")
    await token(identity, started, noon)


@pytest.mark.parametrize("way", ["reset", "sign out everywhere"])
async def test_a_session_of_a_clock_ahead_ends_with_all_others(
    identity: Identity, noon: datetime, way: str
) -> None:
    """Who verifies tokens alone compares when a session began, perhaps by a clock ahead of ours."""
    account_id = await identity.make_account(ADDRESS, noon)
    await start(identity, began := noon + MINUTE)
    await start(identity, ahead := noon + 10 * MINUTE)
    if way == "reset":
        await reset(identity, noon + 2 * MINUTE)
    else:
        async with identity.database.begin() as tx:
            await end_sessions(tx, account_id, began, noon + 2 * MINUTE)
    [*_, said] = [row for row in await identity.outbox() if "account" in row.data]
    assert datetime.fromisoformat(said.data["account"]["sessions_valid_after"]) == ahead
