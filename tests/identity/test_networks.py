"""What one network may do, whosever addresses it names: ask for mails, and try passwords."""

from datetime import datetime, timedelta

import httpx
import pytest

from identity.domain.address import parse_address
from identity.domain.limits import NETWORK_FAILURES, NETWORK_MAILS
from identity.domain.network import Origin
from identity.store import allowances
from identity.usecases.request_code import Requested, request_code
from identity.usecases.send_new_code import send_new_code
from newsreel_runtime.clock import now
from newsreel_runtime.errors import ServiceError
from newsreel_testing.identity_service import HOME, PASSWORD, Identity

ADDRESS = "ada@example.org"
[RULE] = NETWORK_MAILS.rules
NEXT_DOOR = Origin("192.0.2.8/32")


async def ask(identity: Identity, address: str, at: datetime, origin: Origin = HOME) -> Requested:
    """Somebody in that network forgot the password."""
    async with identity.database.begin() as tx:
        known = parse_address(address)
        return await request_code(
            tx, "reset", known, locale="en", secret=None, origin=origin, keys=identity.keys, at=at
        )


async def ask_again(identity: Identity, asked: Requested, at: datetime) -> Requested:
    """Somebody in that network presses "send a new code"."""
    async with identity.database.begin() as tx:
        secret, keys = asked.challenge_secret, identity.keys
        return await send_new_code(tx, asked.challenge_id, secret, origin=HOME, keys=keys, at=at)


async def use_up(identity: Identity, at: datetime) -> None:
    """One machine asks for mails to many addresses."""
    for number in range(RULE.count):
        await ask(identity, f"somebody-{number}@example.org", at)


async def test_m2_a_network_that_asks_for_too_many_mails_waits_whoever_it_asks_for(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon - timedelta(days=1))
    before = await ask(identity, ADDRESS, noon - timedelta(minutes=1), NEXT_DOOR)
    await use_up(identity, noon)
    sent = len(await identity.outbox("identity.code.v1"))
    later = noon + timedelta(minutes=1)
    for address in (ADDRESS, "nobody@example.org"):
        with pytest.raises(ServiceError) as refused:
            await ask(identity, address, later)
        assert (refused.value.code, refused.value.retry_after) == ("too-many-requests", 9 * 60)
        with pytest.raises(ServiceError, match="too-many-requests"):
            await identity.register(address, later, origin=HOME)
    with pytest.raises(ServiceError, match="too-many-requests"):
        await ask_again(identity, before, later)
    assert len(await identity.outbox("identity.code.v1")) == sent
    await ask(identity, ADDRESS, noon + RULE.period)


async def test_m2_the_others_get_theirs(identity: Identity, noon: datetime) -> None:
    """Elsewhere, and next door in a browser that signed in before; signing in is not mailing."""
    await identity.make_account(ADDRESS, noon - timedelta(days=1))
    started = await identity.sign_in(ADDRESS, PASSWORD, noon)
    await use_up(identity, noon)
    await identity.sign_in(ADDRESS, PASSWORD, noon)
    await ask(identity, ADDRESS, noon, NEXT_DOOR)
    known = Origin(HOME.network, started.known_browser)
    await ask(identity, ADDRESS, noon + timedelta(minutes=2), known)
    with pytest.raises(ServiceError, match="too-many-requests"):
        await ask(identity, "eve@example.org", noon, known)


async def test_e4_a_network_that_tries_passwords_at_many_accounts_waits(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account(ADDRESS, noon - timedelta(days=1))
    known = Origin(HOME.network, (await identity.sign_in(ADDRESS, PASSWORD, noon)).known_browser)
    [rule] = NETWORK_FAILURES.rules
    async with identity.database.begin() as tx:
        for _ in range(rule.count - 2):
            bucket = identity.buckets.failures_from(HOME.network)
            assert (await allowances.spend(tx, bucket, NETWORK_FAILURES, noon)).is_allowed
    for address in ("nobody@example.org", "eve@example.org"):
        with pytest.raises(ServiceError, match="sign-in-refused"):
            await identity.sign_in(address, "Wrong-Horse-77", noon)
    for address in ("somebody-else@example.org", ADDRESS):
        with pytest.raises(ServiceError) as delayed:
            await identity.sign_in(address, PASSWORD, noon + timedelta(minutes=1))
        assert (delayed.value.code, delayed.value.retry_after) == ("too-many-requests", 9 * 60)
    await identity.sign_in(ADDRESS, PASSWORD, noon, known)
    await identity.sign_in(ADDRESS, PASSWORD, noon, NEXT_DOOR)
    await identity.sign_in(ADDRESS, PASSWORD, noon + rule.period)


async def test_m2_the_network_is_the_clients(identity: Identity, client: httpx.AsyncClient) -> None:
    """Each route tells it: the machine that calls, or what the proxies that are trusted say of it."""
    at = now()
    for number in range(RULE.count):
        origin = Origin("127.0.0.1/32")
        await ask(identity, f"somebody-{number}@example.org", at, origin)
    for path, body in (
        ("/v1/resets", {"address": ADDRESS}),
        ("/v1/registrations", {"address": ADDRESS, "password": PASSWORD}),
    ):
        answer = await client.post(path, json=body)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 600
