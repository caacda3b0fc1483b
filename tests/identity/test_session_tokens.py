"""Session tokens follow one another; one that comes back too late ends the session for whoever holds it."""

import asyncio
import dataclasses
from datetime import datetime, timedelta

import pytest

from identity.domain.session import GRACE, RENEWAL, Session, is_authentic, make_token, read_token
from identity.usecases.end_sessions import sign_out
from identity.usecases.issue_token import Issued, issue_token
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.ids import new_id
from newsreel_runtime.keyring import KeyRing
from newsreel_testing.identity_service import Identity

ADDRESS = "ada@example.org"
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
OLD, NEW = KeyRing.parse("k1:" + "11" * 32), KeyRing.parse(f"k2:{'22' * 32},k1:{'11' * 32}")


class Browser:
    """It holds one token, and takes the one that it is told to hold."""

    def __init__(self, identity: Identity, token: str) -> None:
        self.identity = identity
        self.token = token

    async def use(self, at: datetime, *, is_answer_lost: bool = False) -> Issued:
        """Exchange the token for access."""
        keys, signer = self.identity.keys.sessions, self.identity.signer
        issued = await issue_token(self.identity.database, self.token, keys, signer, at)
        if issued.session_token is not None and not is_answer_lost:
            self.token = issued.session_token
        return issued

    async def is_signed_in(self, at: datetime) -> bool:
        try:
            await self.use(at)
        except ServiceError as error:
            return error.code != "session-ended"
        return True


@pytest.fixture
async def browser(identity: Identity, noon: datetime) -> Browser:
    """Signed in at noon."""
    await identity.make_account(ADDRESS, noon - HOUR)
    return Browser(identity, (await identity.sign_in(ADDRESS, "Correct-Horse-7", noon)).token)


def copy_of(browser: Browser) -> Browser:
    """Somebody took the cookie."""
    return Browser(browser.identity, browser.token)


async def test_s1_a_token_is_new_at_each_sign_in_and_no_table_has_it(
    identity: Identity, browser: Browser, noon: datetime
) -> None:
    again = await identity.sign_in(ADDRESS, "Correct-Horse-7", noon)
    assert again.token != browser.token
    assert len(browser.token.rpartition(".")[2]) == 43  # 256 bits
    async with identity.database.read() as sql:
        rows = str([tuple(row) for row in await sql.fetch("SELECT * FROM session")])
    assert browser.token.rpartition(".")[2] not in rows


async def test_a_token_is_renewed_after_ten_minutes(browser: Browser, noon: datetime) -> None:
    first = browser.token
    assert (await browser.use(noon + RENEWAL - SECOND)).session_token is None
    assert (await browser.use(noon + RENEWAL)).session_token is not None
    assert browser.token != first
    assert (await browser.use(noon + RENEWAL + SECOND)).session_token is None


async def test_an_answer_that_is_lost_signs_nobody_out(browser: Browser, noon: datetime) -> None:
    told = [await browser.use(noon + HOUR * hour, is_answer_lost=True) for hour in range(1, 5)]
    assert len({issued.session_token for issued in told}) == 1
    assert await browser.is_signed_in(noon + 5 * HOUR)


async def test_what_was_under_way_when_the_token_changed_is_answered(
    browser: Browser, noon: datetime
) -> None:
    late, at = copy_of(browser), noon + RENEWAL
    for _ in range(2):
        await browser.use(at)
    issued = await late.use(at + GRACE - SECOND)
    assert issued.session_token == browser.token


async def test_many_requests_at_once_end_with_one_token(browser: Browser, noon: datetime) -> None:
    tabs = [copy_of(browser) for _ in range(10)]
    for at in (noon + RENEWAL, noon + RENEWAL + SECOND):
        await asyncio.gather(*(tab.use(at) for tab in tabs))
    assert len({tab.token for tab in tabs}) == 1


@pytest.mark.parametrize("rotations", [1, 3])
@pytest.mark.parametrize("is_thief_first", [True, False])
async def test_s2_a_stolen_token_ends_the_session_for_both(
    browser: Browser, noon: datetime, rotations: int, *, is_thief_first: bool
) -> None:
    other, at = copy_of(browser), noon
    goes_on, comes_back = (other, browser) if is_thief_first else (browser, other)
    for _ in range(rotations):
        at += RENEWAL
        for _ in range(2):
            await goes_on.use(at)
    assert await goes_on.is_signed_in(at + GRACE)
    assert not await comes_back.is_signed_in(at + GRACE)
    assert not await goes_on.is_signed_in(at + GRACE)


async def test_a_session_ends_after_twelve_hours_without_use(browser: Browser, noon: datetime) -> None:
    at = noon + 11 * HOUR
    assert (await browser.use(at)).expires_at == at + 12 * HOUR
    assert await browser.is_signed_in(at + 12 * HOUR - SECOND)
    assert not await browser.is_signed_in(at + 24 * HOUR)


async def test_a_session_ends_after_thirty_days_in_any_case(browser: Browser, noon: datetime) -> None:
    days, at = timedelta(days=30), noon
    while at + 11 * HOUR < noon + days:
        at += 11 * HOUR
        assert (await browser.use(at)).expires_at <= noon + days
    assert await browser.is_signed_in(noon + days - SECOND)
    assert not await browser.is_signed_in(noon + days)


async def test_a_program_may_keep_the_token_that_it_has(browser: Browser, noon: datetime) -> None:
    for hour in range(1, 40):
        await browser.use(noon + HOUR * hour, is_answer_lost=True)


async def test_signing_out_ends_it_by_any_of_its_tokens(browser: Browser, noon: datetime) -> None:
    old, identity = copy_of(browser), browser.identity
    for _ in range(2):
        await browser.use(noon + RENEWAL)
    async with identity.database.begin() as tx:
        await sign_out(tx, old.token, identity.keys.sessions, noon + HOUR)
    assert not await browser.is_signed_in(noon + HOUR)


async def test_a_session_of_the_last_release_lives_on(browser: Browser, noon: datetime) -> None:
    """It has one random token, which is kept as a hash, and no successor."""
    browser.token = "t" * 43
    async with browser.identity.database.begin() as tx:
        await tx.sql.execute("UPDATE session SET seed = NULL, token_hash = sha256($1)", b"t" * 43)
    issued = await browser.use(noon + HOUR)
    assert (issued.session_token, issued.expires_at) == (None, noon + 12 * HOUR)
    assert not await browser.is_signed_in(noon + 12 * HOUR)


async def test_a_forged_token_is_refused_and_ends_nothing(browser: Browser, noon: datetime) -> None:
    session, generation, mac = browser.token.split(".")
    for forged in (
        f"{session}.{int(generation) + 1}.{mac}",
        f"{session}.{generation}.{mac[:-1]}{'A' if mac[-1] != 'A' else 'B'}",
        f"{new_id().hex}.{generation}.{mac}",
        session,
        "",
    ):
        assert not await Browser(browser.identity, forged).is_signed_in(noon)
    assert await browser.is_signed_in(noon)


def test_a_token_of_the_old_key_counts_until_it_is_withdrawn(noon: datetime) -> None:
    session = Session(new_id(), new_id(), noon, noon + HOUR, b"seed")
    token = make_token(OLD, session.session_id, b"seed", 7)
    assert is_authentic(NEW, session, 7, token)
    assert make_token(NEW, session.session_id, b"seed", 7) != token
    assert not is_authentic(KeyRing.parse("k2:" + "22" * 32), session, 7, token)
    assert not is_authentic(NEW, session, 8, token)
    assert not is_authentic(NEW, dataclasses.replace(session, seed=b"other"), 7, token)


@pytest.mark.parametrize(
    "text", ["", "t" * 43, "a.0.b", f"{'0' * 32}.-1.{'m' * 43}", f"{'0' * 32}.01.{'m' * 43}"]
)
def test_what_is_no_token_of_this_form(text: str) -> None:
    assert read_token(text) is None
