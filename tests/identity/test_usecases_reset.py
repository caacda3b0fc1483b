"""A reset: the new password, and the end of everything that the old one began."""

import asyncio
from datetime import datetime, timedelta

import pytest

from identity.domain.address import parse_address
from identity.domain.password_hash import matches
from identity.usecases.request_code import Requested
from newsreel_runtime.errors import ServiceError
from newsreel_testing.identity_service import Identity, short

ADDRESS = "ada@example.org"
NEW_PASSWORD = "Other-Horse-88"


async def proven(identity: Identity, at: datetime, address: str = ADDRESS) -> tuple[Requested, str]:
    """A reset whose code was typed, and its token."""
    asked = await identity.ask_reset(address, at)
    done = await identity.verify(asked, identity.code(asked.challenge_id, "reset"), at)
    assert done is not None
    assert done.reset_token is not None
    assert done.reset_expires_at == at + timedelta(minutes=10)
    return asked, done.reset_token


async def test_a_reset_sets_the_password_ends_sessions_and_tells_the_owner(
    identity: Identity, noon: datetime
) -> None:
    account_id = await identity.make_account(ADDRESS, noon)
    before = len(await identity.outbox())
    later = noon + timedelta(minutes=5)
    asked, token = await proven(identity, later)
    await identity.set_password(asked.challenge_id, token, NEW_PASSWORD, later)
    code, changed, notice = (await identity.outbox())[before:]
    assert [short(row) for row in (code, changed, notice)] == [
        "code.reset-requested",
        "account.password-changed",
        "code.password-changed-noticed",
    ]
    assert changed.key == str(account_id)
    assert datetime.fromisoformat(changed.data["account"]["sessions_valid_after"]) == later
    assert notice.data["address"] == ADDRESS
    async with identity.database.read() as connection:
        assert matches(await connection.fetchval("SELECT password_hash FROM account"), NEW_PASSWORD)
        used_up = identity.buckets.codes(parse_address(ADDRESS).key)
        left = "SELECT count(*) FROM allowance WHERE bucket = ANY ($1::bytea[])"
        assert await connection.fetchval(left, used_up) == 0


async def test_setting_the_same_password_again_is_answered_alike_and_has_one_effect(
    identity: Identity, noon: datetime
) -> None:
    """Trial A2: "Set the password" pressed twice, or sent again after a lost answer."""
    await identity.make_account(ADDRESS, noon)
    asked, token = await proven(identity, noon)
    await asyncio.gather(
        *(identity.set_password(asked.challenge_id, token, NEW_PASSWORD, noon) for _ in range(5))
    )
    await identity.set_password(asked.challenge_id, token, NEW_PASSWORD, noon + timedelta(minutes=9))
    kinds = [short(row) for row in await identity.outbox()]
    assert kinds.count("account.password-changed") == kinds.count("code.password-changed-noticed") == 1


async def test_s4_the_token_sets_one_password(identity: Identity, noon: datetime) -> None:
    await identity.make_account(ADDRESS, noon)
    asked, token = await proven(identity, noon)
    await identity.set_password(asked.challenge_id, token, NEW_PASSWORD, noon)
    later = noon + timedelta(minutes=10)
    for password, at in (("Third-Horse-99", noon), (NEW_PASSWORD, later)):
        with pytest.raises(ServiceError) as refusal:
            await identity.set_password(asked.challenge_id, token, password, at)
        assert refusal.value.code == "reset-refused"


async def test_a_used_token_does_not_answer_for_a_later_password(identity: Identity, noon: datetime) -> None:
    await identity.make_account(ADDRESS, noon)
    asked, token = await proven(identity, noon)
    await identity.set_password(asked.challenge_id, token, NEW_PASSWORD, noon)
    other, other_token = await proven(identity, noon + timedelta(minutes=1))
    await identity.set_password(other.challenge_id, other_token, "Third-Horse-99", noon)
    with pytest.raises(ServiceError):
        await identity.set_password(asked.challenge_id, token, NEW_PASSWORD, noon)


async def test_s4_the_token_lives_ten_minutes(identity: Identity, noon: datetime) -> None:
    await identity.make_account(ADDRESS, noon)
    asked, token = await proven(identity, noon)
    with pytest.raises(ServiceError):
        await identity.set_password(asked.challenge_id, token, NEW_PASSWORD, noon + timedelta(minutes=10))
    await identity.set_password(
        asked.challenge_id, token, NEW_PASSWORD, noon + timedelta(minutes=9, seconds=59)
    )


async def test_another_token_or_challenge_is_refused(identity: Identity, noon: datetime) -> None:
    await identity.make_account(ADDRESS, noon)
    asked, token = await proven(identity, noon)
    other = await identity.register("eve@example.org", noon)
    for challenge_id, wrong in ((asked.challenge_id, "x" * 43), (other.challenge_id, token)):
        with pytest.raises(ServiceError) as refusal:
            await identity.set_password(challenge_id, wrong, NEW_PASSWORD, noon)
        assert refusal.value.code == "reset-refused"


async def test_a_sign_up_never_gives_a_reset_token(identity: Identity, noon: datetime) -> None:
    asked = await identity.register(ADDRESS, noon)
    done = await identity.verify(asked, identity.code(asked.challenge_id), noon)
    assert done is not None
    assert (done.purpose, done.reset_token) == ("signup", None)


async def test_a_reset_of_an_unverified_account_proves_its_address(
    identity: Identity, noon: datetime
) -> None:
    squatter = await identity.register(ADDRESS, noon)
    asked, token = await proven(identity, noon, "Ada@example.org")
    await identity.set_password(asked.challenge_id, token, NEW_PASSWORD, noon)
    assert [short(row) for row in await identity.outbox()][-4:] == [
        "account.verified",
        "contact.changed",
        "account.password-changed",
        "code.password-changed-noticed",
    ]
    assert await identity.verify(squatter, identity.code(squatter.challenge_id), noon) is None
    async with identity.database.read() as connection:
        (row,) = await connection.fetch("SELECT status, address, password_hash FROM account")
    assert (row["status"], row["address"]) == ("active", "Ada@example.org")
    assert matches(row["password_hash"], NEW_PASSWORD)


async def test_a_sign_up_that_is_proven_meanwhile_closes_the_reset(
    identity: Identity, noon: datetime
) -> None:
    signup = await identity.register(ADDRESS, noon)
    asked, token = await proven(identity, noon)
    assert await identity.verify(signup, identity.code(signup.challenge_id), noon)
    with pytest.raises(ServiceError, match="reset-refused"):
        await identity.set_password(asked.challenge_id, token, NEW_PASSWORD, noon)


async def test_an_unknown_address_gets_a_notice_and_never_a_token(identity: Identity, noon: datetime) -> None:
    asked = await identity.ask_reset(ADDRESS, noon)
    (notice,) = await identity.outbox()
    assert short(notice) == "code.no-account-noticed"
    assert notice.data["address"] == ADDRESS
    code = identity.code(asked.challenge_id, "reset")
    assert await identity.verify(asked, code, noon) is None
    async with identity.database.read() as connection:
        assert await connection.fetchval("SELECT count(*) FROM account") == 0


async def test_an_active_account_is_mailed_at_its_stored_address(identity: Identity, noon: datetime) -> None:
    await identity.make_account("kim@example.org", noon)
    await identity.ask_reset("\u212aIM@example.org", noon)
    assert (await identity.outbox())[-1].data["address"] == "kim@example.org"


@pytest.mark.parametrize("status", ["suspended", "deleted"])
async def test_a_suspended_or_deleted_account_cannot_be_reset(
    identity: Identity, noon: datetime, status: str
) -> None:
    await identity.make_account(ADDRESS, noon)
    async with identity.database.begin() as tx:
        await tx.sql.execute("UPDATE account SET status = $1", status)
    asked = await identity.ask_reset(ADDRESS, noon)
    assert await identity.verify(asked, identity.code(asked.challenge_id, "reset"), noon) is None


async def test_p5_a_new_password_of_the_accounts_own_words_is_refused_and_another_one_works(
    identity: Identity, noon: datetime
) -> None:
    await identity.make_account("ada.lovelace@example.org", noon)
    asked = await identity.ask_reset("ada.lovelace@example.org", noon)
    proven = await identity.verify(asked, identity.code(asked.challenge_id, "reset"), noon)
    assert proven is not None
    assert proven.reset_token is not None
    with pytest.raises(ServiceError) as refusal:
        await identity.set_password(asked.challenge_id, proven.reset_token, "Ada.Lovelace-1815!", noon)
    assert [wrong.code for wrong in refusal.value.fields] == ["too-common"]
    await identity.set_password(asked.challenge_id, proven.reset_token, NEW_PASSWORD, noon)
