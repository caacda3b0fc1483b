"""The account gets another address: with the password, and with the code that is mailed there."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from identity.domain.act import Act
from identity.usecases.act_on_account import act_on_account
from identity.usecases.purge_expired import purge_expired
from newsreel_runtime.clock import now
from newsreel_testing.identity_service import PASSWORD, Identity, Row, short

OLD, NEW = "ada@example.org", "ada@desk.example"
WRONG = "Wrong-Horse-77"


@dataclass
class Person:
    """Somebody with an account, signed in in one browser, whose secret is kept."""

    identity: Identity
    client: httpx.AsyncClient
    address: str = OLD
    token: dict[str, str] = field(default_factory=dict)
    session: str = ""
    known_browser: str = ""
    secret: str = "browser-of-the-person-0001"

    async def sign_in(self, address: str | None = None) -> int:
        """A new session; the status of the answer."""
        body = {"address": address or self.address, "password": PASSWORD}
        answer = await self.client.post("/v1/sessions", json=body)
        if answer.status_code == 201:
            self.known_browser = answer.json()["known_browser"]
            await self.hold(answer.json()["session"])
        return answer.status_code

    async def hold(self, session: str) -> None:
        """Go on with that session."""
        self.session = session
        issued = await self.client.post("/v1/tokens", headers={"Authorization": f"Bearer {session}"})
        self.token = {"Authorization": f"Bearer {issued.json()['access_token']}"}

    async def lives(self, session: str | None = None) -> bool:
        headers = {"Authorization": f"Bearer {session or self.session}"}
        return (await self.client.post("/v1/tokens", headers=headers)).status_code == 200

    async def ask(self, address: str = NEW, password: str = PASSWORD) -> httpx.Response:
        body = {"password": password, "address": address, "challenge_secret": self.secret}
        return await self.client.post("/v1/account/address", headers=self.token, json=body)

    async def asked(self, address: str = NEW) -> UUID:
        answer = await self.ask(address)
        assert answer.status_code == 202
        return UUID(answer.json()["challenge_id"])

    async def enter(self, challenge_id: UUID, code: str | None = None) -> httpx.Response:
        """Type a code: the one that was mailed, unless another is given."""
        code = code or self.identity.code(challenge_id, "address")
        return await self.client.post(
            f"/v1/account/address/{challenge_id}/verification",
            headers=self.token | {"Newsreel-Known-Browser": self.known_browser},
            json={"challenge_secret": self.secret, "code": code},
        )

    async def said(self, since: int = 0) -> list[Row]:
        return (await self.identity.outbox())[since:]

    async def export(self) -> dict[str, object]:
        found: dict[str, object] = (await self.client.get("/v1/account", headers=self.token)).json()
        return found


def problem(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.json()['type'].rpartition('/')[2].rpartition(':')[2]}"


@pytest.fixture
async def person(identity: Identity, client: httpx.AsyncClient) -> Person:
    await identity.make_account(OLD, now() - timedelta(hours=1))
    made = Person(identity, client)
    await made.sign_in()
    return made


@pytest.fixture
async def other(person: Person) -> Person:
    """Somebody else, in another browser."""
    await person.identity.make_account("eve@example.org", now() - timedelta(hours=1))
    made = Person(person.identity, person.client, "eve@example.org", secret="browser-of-the-other-00002")
    await made.sign_in()
    return made


async def test_the_code_gives_the_account_its_new_address(person: Person) -> None:
    await person.client.put("/v1/newsletter", headers=person.token)
    here = person.session
    await person.sign_in()
    elsewhere = person.session
    await person.hold(here)
    before = len(await person.said())
    challenge_id = await person.asked()
    [mail] = await person.said(before)
    assert (short(mail), mail.data["address"], mail.data["form"]) == ("code.address-requested", NEW, "short")
    changed = await person.enter(challenge_id)
    assert changed.status_code == 200
    ended, contact, notice = await person.said(before + 1)
    assert [short(row) for row in (ended, contact, notice)] == [
        "account.sessions-ended",
        "contact.changed",
        "code.address-changed-noticed",
    ]
    assert (contact.data["address"], contact.data["newsletter"]) == (NEW, True)
    assert (notice.data["address"], notice.data["reference_id"]) == (OLD, str(challenge_id))
    assert not {OLD, NEW} & {str(value) for value in ended.data["account"].values()}
    alive = [await person.lives(session) for session in (here, elsewhere, changed.json()["session"])]
    assert alive == [False, False, True]
    assert (await person.client.get("/v1/account", headers=person.token)).status_code == 401
    await person.hold(changed.json()["session"])
    found = await person.export()
    assert (found["address"], found["newsletter"]) == (NEW, True)
    assert [former["address"] for former in found["former_addresses"]] == [OLD]  # type: ignore[attr-defined]
    assert (await person.sign_in(OLD), await person.sign_in(NEW)) == (401, 201)


async def test_s6_a_stolen_session_changes_no_address(person: Person) -> None:
    before = len(await person.said())
    refused = await person.ask(password=WRONG)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "password-wrong")
    assert await person.said(before) == []


async def test_e1_e2_an_address_with_an_account_answers_the_same_and_its_owner_is_told(
    person: Person, other: Person
) -> None:
    before = len(await person.said())
    free, taken = await person.ask("nobody@example.org"), await person.ask("EVE@example.org")
    assert (taken.status_code, taken.json().keys()) == (free.status_code, free.json().keys())
    assert taken.json()["resend_after_seconds"] == free.json()["resend_after_seconds"]
    assert {name for name, _ in taken.headers.items()} == {name for name, _ in free.headers.items()}
    code, notice = await person.said(before)
    assert (short(code), short(notice)) == ("code.address-requested", "code.address-wanted-noticed")
    assert notice.data["address"] == "eve@example.org"
    challenge_id = UUID(taken.json()["challenge_id"])
    assert problem(await person.enter(challenge_id)) == "422 code-refused"
    progress = [
        (
            await person.client.get(
                f"/v1/challenges/{answer.json()['challenge_id']}",
                headers={"Newsreel-Challenge-Secret": person.secret},
            )
        ).json()["state"]
        for answer in (free, taken)
    ]
    assert progress == ["queued", "queued"]
    assert (await other.export())["address"] == "eve@example.org"
    assert (await person.export())["address"] == OLD


async def test_c6_a_code_counts_for_its_own_account_and_purpose_alone(person: Person, other: Person) -> None:
    mine, taken = await person.asked(), await person.asked("eve@example.org")
    # Signed in as somebody else, in the same browser: as wrong as a code can be, whatever the address.
    other.secret = person.secret
    refusals = [problem(await other.enter(challenge_id)) for challenge_id in (mine, taken)]
    assert refusals == ["422 code-refused"] * 2
    long_code = person.identity.long_code(mine, "address")
    assert problem(await other.enter(mine, long_code)) == "422 code-refused"
    # Without an account, and an account with a code for something else.
    path, body = f"/v1/challenges/{mine}/verification", {"challenge_secret": person.secret}
    generic = await person.client.post(path, json=body | {"code": person.identity.code(mine, "address")})
    assert problem(generic) == "404 challenge-unknown"
    reset = await person.identity.ask_reset(OLD, now(), person.secret)
    code = person.identity.code(reset.challenge_id, "reset")
    assert problem(await person.enter(reset.challenge_id, code)) == "404 challenge-unknown"
    assert problem(await person.enter(uuid4())) == "404 challenge-unknown"
    person.secret = "another-browser-of-hers-03"
    assert problem(await person.enter(mine)) == "422 code-refused"
    assert (await person.export())["address"] == OLD


async def test_c1_five_wrong_codes_end_a_change(person: Person) -> None:
    challenge_id = await person.asked()
    wrong = person.identity.wrong_code(challenge_id, "address")
    answers = [problem(await person.enter(challenge_id, wrong)) for _ in range(6)]
    assert answers == ["422 code-refused"] * 5 + ["410 challenge-over"]
    assert problem(await person.enter(challenge_id)) == "410 challenge-over"


async def test_c4_the_right_code_twice_at_once_changes_the_address_once(person: Person) -> None:
    challenge_id = await person.asked()
    before = len(await person.said())
    answers = await asyncio.gather(*(person.enter(challenge_id) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    assert len(await person.said(before)) == 3
    [right] = [answer for answer in answers if answer.status_code == 200]
    await person.hold(right.json()["session"])
    assert problem(await person.enter(challenge_id)) == "410 challenge-over"
    assert await person.lives()


async def test_of_two_accounts_that_want_one_address_exactly_one_gets_it(
    person: Person, other: Person
) -> None:
    mine, hers = await person.asked(), await other.asked()
    before = len(await person.said())
    answers = await asyncio.gather(person.enter(mine), other.enter(hers))
    assert sorted(answer.status_code for answer in answers) == [200, 410]
    said = [short(row) for row in await person.said(before)]
    assert said == ["account.sessions-ended", "contact.changed", "code.address-changed-noticed"]
    async with person.identity.database.read() as sql:
        assert await sql.fetchval("SELECT count(*) FROM account WHERE address = $1", NEW) == 1
    loser = other if answers[0].status_code == 200 else person
    assert await loser.lives()
    assert (await loser.export())["address"] == loser.address


async def test_two_accounts_that_swap_addresses_wait_for_each_other_in_one_order(
    person: Person, other: Person
) -> None:
    """As if each had asked while the other's address was free; both enter their codes at once."""
    mine, hers = await person.asked("eve@example.org"), await other.asked(OLD)
    async with person.identity.database.begin() as tx:
        await tx.sql.execute("UPDATE challenge SET is_taken = false")
    answers = await asyncio.gather(person.enter(mine), other.enter(hers))
    assert [problem(answer) for answer in answers] == ["410 challenge-over"] * 2


async def test_an_account_that_was_closed_or_suspended_meanwhile_changes_nothing(
    person: Person, other: Person
) -> None:
    mine, hers = await person.asked(), await other.asked("eve@desk.example")
    await person.client.post("/v1/account/deletion", headers=person.token, json={"password": PASSWORD})
    async with other.identity.database.begin() as tx:
        account_id = await tx.sql.fetchval("SELECT account_id FROM account")
        await act_on_account(tx, account_id, Act("suspend", "olga", "ticket 7", now()))
    before = len(await person.said())
    assert (await person.enter(mine)).status_code == 401
    assert (await other.enter(hers)).status_code == 401
    assert (await other.ask("eve@desk.example")).status_code == 401
    assert await person.said(before) == []
    async with person.identity.database.read() as sql:
        assert await sql.fetchval("SELECT count(*) FROM challenge WHERE challenge_id = $1", mine) == 0


async def test_a_session_that_was_signed_out_gets_no_other(person: Person) -> None:
    challenge_id = await person.asked()
    bearer = {"Authorization": f"Bearer {person.session}"}
    assert (await person.client.delete("/v1/sessions/current", headers=bearer)).status_code == 204
    assert (await person.enter(challenge_id)).status_code == 401
    assert (await person.sign_in(), (await person.export())["address"]) == (201, OLD)


async def test_a_registration_that_nobody_proved_gives_way(person: Person) -> None:
    squatted = await person.identity.register(NEW, now())
    challenge_id = await person.asked()
    before = len(await person.said())
    assert (await person.enter(challenge_id)).status_code == 200
    gone = (await person.said(before))[0]
    assert short(gone) == "account.deleted"
    code = person.identity.code(squatted.challenge_id)
    assert await person.identity.outcome(squatted, code, now()) == "challenge-unknown"
    assert await person.sign_in(NEW) == 201


async def test_c7_every_other_code_of_the_account_dies_with_the_change(person: Person) -> None:
    reset = await person.identity.ask_reset(OLD, now())
    elsewhere, challenge_id = await person.asked("ada@third.example"), await person.asked()
    changed = await person.enter(challenge_id)
    await person.hold(changed.json()["session"])
    code = person.identity.code(reset.challenge_id, "reset")
    assert await person.identity.outcome(reset, code, now()) == "challenge-over"
    assert problem(await person.enter(elsewhere)) == "410 challenge-over"


async def test_c7_a_new_password_ends_a_change_that_is_under_way(person: Person) -> None:
    challenge_id = await person.asked()
    body = {"password": PASSWORD, "new_password": "Other-Horse-88"}
    changed = await person.client.post("/v1/account/password", headers=person.token, json=body)
    await person.hold(changed.json()["session"])
    assert problem(await person.enter(challenge_id)) == "410 challenge-over"


async def test_mails_that_another_account_used_up_lead_in_all_the_same(person: Person, other: Person) -> None:
    """Whoever has the mailbox gets the address: the last mail has a long code, which works for either."""
    for number in range(4):
        other.secret = f"browser-of-the-other-{number:05}"
        await other.asked()
    [*_, last] = [row for row in await person.said() if short(row) == "code.address-requested"]
    assert last.data["form"] == "long"
    mine = await person.asked()
    headers = {"Newsreel-Challenge-Secret": person.secret}
    told = await person.client.get(f"/v1/challenges/{mine}", headers=headers)
    assert told.json()["state"] == "earlier"
    wrong = person.identity.long_code(uuid4(), "address")
    assert problem(await person.enter(mine, wrong)) == "422 code-refused"
    assert (await person.enter(mine, person.identity.mailed_code(last))).status_code == 200
    assert await person.sign_in(NEW) == 201


async def test_a_long_code_proves_the_address_that_it_went_to_and_no_other(person: Person) -> None:
    mine, third = await person.asked(), await person.asked("ada@third.example")
    long_code = person.identity.long_code(mine, "address")
    assert problem(await person.enter(third, long_code)) == "422 code-refused"
    assert (await person.enter(mine, long_code)).status_code == 200


async def test_a_new_code_looks_again_whether_the_address_is_free(person: Person, other: Person) -> None:
    challenge_id = await person.asked("eve@example.org")
    await other.client.post("/v1/account/deletion", headers=other.token, json={"password": PASSWORD})
    async with person.identity.database.begin() as tx:
        await tx.sql.execute("DELETE FROM allowance")
    again = await person.client.post(
        f"/v1/challenges/{challenge_id}/codes", json={"challenge_secret": person.secret}
    )
    assert again.status_code == 202
    code = person.identity.code(challenge_id, "address", 2)
    assert (await person.enter(challenge_id, code)).status_code == 200


async def test_another_spelling_is_taken_and_the_same_one_is_refused(person: Person) -> None:
    same = await person.ask(OLD)
    assert (same.status_code, same.json()["errors"][0]["code"]) == (422, "same-address")
    challenge_id = await person.asked("Ada@example.org")
    before = len(await person.said())
    changed = await person.enter(challenge_id)
    await person.hold(changed.json()["session"])
    found = await person.export()
    assert (found["address"], found["former_addresses"]) == ("Ada@example.org", [])
    # It is the same mailbox: nobody else is told.
    assert [short(row) for row in await person.said(before)] == ["account.sessions-ended", "contact.changed"]


@pytest.mark.parametrize("address", ["ada", "ada@desk.example\r\nBcc: eve@example.org", "a@b.org, c@d.org"])
async def test_m3_what_is_no_address_is_refused(person: Person, address: str) -> None:
    before = len(await person.said())
    refused = await person.ask(address)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not-an-address")
    assert await person.said(before) == []


async def test_m1_mails_to_an_address_have_one_limit_whoever_asks(person: Person, other: Person) -> None:
    for number in range(12):
        asking = (person, other)[number % 2]
        asking.secret = f"browser-{number:02}-of-one-of-them"
        assert (await asking.ask()).status_code == 202
    mails = [row for row in await person.said() if row.data.get("address") == NEW]
    assert len(mails) == 4


async def test_the_browser_stays_known_at_the_new_address(person: Person) -> None:
    known = person.known_browser
    changed = await person.enter(await person.asked())
    fresh = changed.json()["known_browser"]
    nonce = person.identity.buckets.nonce_of(known, OLD)
    assert nonce is not None
    assert person.identity.buckets.nonce_of(fresh, NEW) == nonce
    assert person.identity.buckets.nonce_of(known, NEW) is None


async def test_closing_the_account_leaves_nothing_of_a_change(person: Person) -> None:
    changed = await person.enter(await person.asked())
    await person.hold(changed.json()["session"])
    await person.asked("ada@third.example")
    closed = await person.client.post(
        "/v1/account/deletion", headers=person.token, json={"password": PASSWORD}
    )
    assert closed.status_code == 204
    async with person.identity.database.read() as sql:
        for table in ("account", "session", "challenge", "former_address"):
            assert await sql.fetchval(f"SELECT count(*) FROM {table}") == 0, table  # noqa: S608 (constants)


async def test_a_former_address_is_forgotten_after_a_month(person: Person) -> None:
    changed = await person.enter(await person.asked())
    await person.hold(changed.json()["session"])
    async with person.identity.database.begin() as tx:
        await purge_expired(tx)
    assert len((await person.export())["former_addresses"]) == 1  # type: ignore[arg-type]
    async with person.identity.database.begin() as tx:
        await tx.sql.execute("UPDATE former_address SET forget_at = forget_at - interval '30 days'")
        await purge_expired(tx)
    assert (await person.export())["former_addresses"] == []


async def test_the_former_address_is_free_for_a_new_account(person: Person) -> None:
    await person.enter(await person.asked())
    asked = await person.identity.register(OLD, now())
    assert await person.identity.verify(asked, person.identity.code(asked.challenge_id), now())
    assert (await person.sign_in(OLD), await person.sign_in(NEW)) == (201, 201)
