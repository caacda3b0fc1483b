"""What a person does with the own account: its sessions, see what is kept, close it."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from identity.domain.act import Act
from identity.usecases.act_on_account import act_on_account
from newsreel_runtime.clock import now
from newsreel_testing.identity_service import PASSWORD, Identity, short

ADDRESS, NEW_PASSWORD = "ada@example.org", "Other-Horse-88"


class Person:
    """Somebody with an account, and a session in each of some browsers."""

    def __init__(self, identity: Identity, client: httpx.AsyncClient) -> None:
        self.identity = identity
        self.client = client

    async def signed_in(self, **changed: str) -> tuple[str, dict[str, str]]:
        """A new session, and the header of an access token for it."""
        body = {"address": ADDRESS, "password": PASSWORD} | changed
        session = (await self.client.post("/v1/sessions", json=body)).json()["session"]
        issued = await self.client.post("/v1/tokens", headers={"Authorization": f"Bearer {session}"})
        return session, {"Authorization": f"Bearer {issued.json()['access_token']}"}

    async def lives(self, session: str) -> bool:
        answer = await self.client.post("/v1/tokens", headers={"Authorization": f"Bearer {session}"})
        return answer.status_code == 200

    async def rows(self) -> dict[str, int]:
        """How many rows each table has that knows an account."""
        tables = ("account", "session", "challenge", "newsletter_consent")
        async with self.identity.database.read() as sql:
            return {table: await sql.fetchval(f"SELECT count(*) FROM {table}") for table in tables}  # noqa: S608 (constants)


@pytest.fixture
async def person(identity: Identity, client: httpx.AsyncClient) -> Person:
    await identity.make_account(ADDRESS, now() - timedelta(hours=1))
    return Person(identity, client)


async def test_signing_out_everywhere_ends_every_session_and_says_so_once(person: Person) -> None:
    here, token = await person.signed_in()
    there, other_token = await person.signed_in()
    before = len(await person.identity.outbox())
    assert (await person.client.delete("/v1/sessions", headers=token)).status_code == 204
    assert [await person.lives(session) for session in (here, there)] == [False, False]
    (said,) = (await person.identity.outbox())[before:]
    assert short(said) == "account.sessions-ended"
    # A token that still lives ends nothing that began after it.
    anew, _ = await person.signed_in()
    assert (await person.client.delete("/v1/sessions", headers=other_token)).status_code == 401
    assert await person.lives(anew)


async def test_the_list_names_each_session_and_any_can_be_ended(person: Person) -> None:
    here, token = await person.signed_in()
    there, other_token = await person.signed_in(browser="Firefox, Linux")
    listed = (await person.client.get("/v1/sessions", headers=token)).json()["sessions"]
    assert [(session["browser"], session["current"]) for session in listed] == [
        ("Firefox, Linux", False),
        (None, True),
    ]
    for _ in range(2):  # pressed twice
        ended = await person.client.delete(f"/v1/sessions/{listed[0]['session_id']}", headers=token)
        assert ended.status_code == 204
    assert [await person.lives(session) for session in (here, there)] == [True, False]
    assert (await person.client.delete("/v1/sessions", headers=token)).status_code == 204
    assert (await person.client.get("/v1/sessions", headers=other_token)).status_code == 401
    path = f"/v1/sessions/{listed[1]['session_id']}"
    assert (await person.client.delete(path, headers=other_token)).status_code == 401


async def test_nobody_ends_the_session_of_somebody_else(person: Person) -> None:
    session, token = await person.signed_in()
    [shown] = (await person.client.get("/v1/sessions", headers=token)).json()["sessions"]
    await person.identity.make_account("eve@example.org", now() - timedelta(hours=1))
    _, eves = await person.signed_in(address="eve@example.org")
    await person.client.delete(f"/v1/sessions/{shown['session_id']}", headers=eves)
    assert await person.lives(session)


async def test_the_export_has_all_that_is_kept_but_no_secret(person: Person) -> None:
    session, token = await person.signed_in()
    await person.client.put("/v1/newsletter", headers=token, json={"wording": "2026-11"})
    answer = await person.client.get("/v1/account", headers=token)
    found = answer.json()
    assert (found["address"], found["status"], found["newsletter"]) == (ADDRESS, "active", True)
    assert len(found["sessions"]) == 1
    [consent] = found["newsletter_consents"]
    assert (consent["subscribed"], consent["how"], consent["wording"]) == (True, "account", "2026-11")
    assert found["acts_of_operators"] == []
    assert session not in answer.text
    assert "hash" not in answer.text


async def test_the_language_is_that_of_mails_and_a_change_is_said_once(person: Person) -> None:
    session, token = await person.signed_in()
    before = len(await person.identity.outbox())
    for _ in range(2):  # pressed twice
        changed = await person.client.put("/v1/account/language", headers=token, json={"language": "uk"})
        assert changed.status_code == 204
    [said] = (await person.identity.outbox())[before:]
    assert (short(said), said.data["locale"]) == ("contact.changed", "uk")
    issued = await person.client.post("/v1/tokens", headers={"Authorization": f"Bearer {session}"})
    assert issued.json()["account"]["language"] == "uk"
    refused = await person.client.put("/v1/account/language", headers=token, json={"language": "tlh"})
    assert refused.status_code == 422
    await person.client.delete("/v1/sessions", headers=token)
    over = await person.client.put("/v1/account/language", headers=token, json={"language": "fr"})
    assert over.status_code == 401


async def test_a_name_is_for_the_person_and_the_notifier_alone(person: Person) -> None:
    session, token = await person.signed_in()
    before = len(await person.identity.outbox())
    for typed in ("Ada  Lovelace", "Ada Lovelace"):  # the same
        changed = await person.client.put("/v1/account/name", headers=token, json={"name": typed})
        assert changed.status_code == 204
    [said] = (await person.identity.outbox())[before:]
    assert (short(said), said.topic, said.data["name"]) == (
        "contact.changed",
        "identity.contact.v1",
        "Ada Lovelace",
    )
    issued = await person.client.post("/v1/tokens", headers={"Authorization": f"Bearer {session}"})
    assert issued.json()["account"]["name"] == "Ada Lovelace"
    assert (await person.client.get("/v1/account", headers=token)).json()["name"] == "Ada Lovelace"
    # What changes the account otherwise leaves it alone and still says it.
    await person.client.put("/v1/newsletter", headers=token)
    *public, contact = await person.identity.outbox()
    assert contact.data["name"] == "Ada Lovelace"
    assert not any("Lovelace" in str(row.data) for row in public if row.topic == "identity.account.v1")
    assert (await person.client.put("/v1/account/name", headers=token, json={"name": ""})).status_code == 204
    assert (await person.client.get("/v1/account", headers=token)).json()["name"] is None
    await person.client.delete("/v1/sessions", headers=token)
    over = await person.client.put("/v1/account/name", headers=token, json={"name": "Ada"})
    assert over.status_code == 401


@pytest.mark.parametrize("name", ["Ada\u202eLovelace", "Ada\r\nBcc: eve@example.org", "x" * 101])
async def test_m5_what_is_no_name_is_refused(person: Person, name: str) -> None:
    _, token = await person.signed_in()
    before = len(await person.identity.outbox())
    refused = await person.client.put("/v1/account/name", headers=token, json={"name": name})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "not-a-name")
    assert name not in refused.text
    assert len(await person.identity.outbox()) == before


async def test_an_operator_s_act_keeps_the_name(person: Person) -> None:
    _, token = await person.signed_in()
    await person.client.put("/v1/account/name", headers=token, json={"name": "Ada Lovelace"})
    async with person.identity.database.begin() as tx:
        account_id = await tx.sql.fetchval("SELECT account_id FROM account")
        await act_on_account(tx, account_id, Act("suspend", "olga", "ticket 7", now()))
    [contact] = (await person.identity.outbox("identity.contact.v1"))[-1:]
    assert contact.data["name"] == "Ada Lovelace"


async def test_s6_a_stolen_session_changes_no_password(person: Person) -> None:
    session, token = await person.signed_in()
    before = len(await person.identity.outbox())
    body = {"password": "Wrong-Horse-77", "new_password": NEW_PASSWORD}
    refused = await person.client.post("/v1/account/password", headers=token, json=body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "password")
    assert len(await person.identity.outbox()) == before
    assert await person.lives(session)


async def test_c7_a_changed_password_ends_every_session_and_every_code_and_goes_on_here(
    person: Person,
) -> None:
    here, token = await person.signed_in()
    there, _ = await person.signed_in()
    asked = await person.identity.ask_reset(ADDRESS, now())
    before = len(await person.identity.outbox())
    body = {"password": PASSWORD, "new_password": NEW_PASSWORD, "browser": "Firefox, Linux"}
    changed = await person.client.post("/v1/account/password", headers=token, json=body)
    assert changed.status_code == 200
    alive = [await person.lives(session) for session in (here, there, changed.json()["session"])]
    assert alive == [False, False, True]
    said = [short(row) for row in (await person.identity.outbox())[before:]]
    assert said == ["account.password-changed", "code.password-changed-noticed"]
    code = person.identity.code(asked.challenge_id, "reset")
    assert await person.identity.outcome(asked, code, now()) == "challenge-over"
    old = await person.client.post("/v1/account/password", headers=token, json=body)
    assert old.status_code == 401
    assert (await person.signed_in(password=NEW_PASSWORD))[0]


@pytest.mark.parametrize(
    ("new", "code"),
    [("short", "too-short"), ("Password123!", "too-common"), ("Ada@example.org1", "too-common")],
)
async def test_another_password_keeps_the_policy(person: Person, new: str, code: str) -> None:
    session, token = await person.signed_in()
    body = {"password": PASSWORD, "new_password": new}
    refused = await person.client.post("/v1/account/password", headers=token, json=body)
    assert refused.status_code == 422
    assert ("new_password", code) in {(field["field"], field["code"]) for field in refused.json()["errors"]}
    assert await person.lives(session)


async def test_the_export_has_what_operators_did_but_not_who(person: Person) -> None:
    async with person.identity.database.begin() as tx:
        account_id = await tx.sql.fetchval("SELECT account_id FROM account")
        await act_on_account(tx, account_id, Act("end-sessions", "olga", "ticket 7", now()))
    _, token = await person.signed_in()
    found = await person.client.get("/v1/account", headers=token)
    [act] = found.json()["acts_of_operators"]
    assert (act["done"], act["reason"]) == ("end-sessions", "ticket 7")
    assert "olga" not in found.text


async def test_closing_takes_the_password_and_leaves_nothing(person: Person) -> None:
    session, token = await person.signed_in()
    await person.client.put("/v1/newsletter", headers=token)
    before = len(await person.identity.outbox())
    wrong = await person.client.post(
        "/v1/account/deletion", headers=token, json={"password": "Wrong-Horse-77"}
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "password-wrong")
    assert await person.lives(session)
    closed = await person.client.post("/v1/account/deletion", headers=token, json={"password": PASSWORD})
    assert closed.status_code == 204
    assert set((await person.rows()).values()) == {0}
    said, *tombstones = (await person.identity.outbox())[before:]
    assert (short(said), said.data["account"]["status"]) == ("account.deleted", "deleted")
    assert [(row.topic, row.data) for row in tombstones] == [
        ("identity.account.v1", {}),
        ("identity.contact.v1", {}),
    ]
    assert len({row.key for row in (said, *tombstones)}) == 1
    assert str(UUID(said.key)) == said.key
    assert not await person.lives(session)
    again = await person.client.post("/v1/account/deletion", headers=token, json={"password": PASSWORD})
    assert again.status_code == 401


async def test_the_address_is_free_again(person: Person) -> None:
    _, token = await person.signed_in()
    await person.client.post("/v1/account/deletion", headers=token, json={"password": PASSWORD})
    await person.identity.make_account(ADDRESS, now())
    session, _ = await person.signed_in()
    assert await person.lives(session)


async def test_a_left_open_session_cannot_try_passwords_for_ever(person: Person) -> None:
    _, token = await person.signed_in()
    answers = [
        (
            await person.client.post(
                "/v1/account/deletion", headers=token, json={"password": f"Wrong-Horse-{number}"}
            )
        ).status_code
        for number in range(11)
    ]
    assert answers == [422] * 10 + [429]


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/v1/sessions"), ("GET", "/v1/account")])
async def test_without_a_token_nothing_is_told(person: Person, method: str, path: str) -> None:
    assert (await person.client.request(method, path)).status_code == 401
