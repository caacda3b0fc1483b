"""The API: a person's whole way, and the refusals."""

import asyncio
import logging
from typing import Any
from uuid import UUID

import httpx
import pytest
from argon2 import PasswordHasher

from identity.domain.password import POLICIES, Policy
from identity.domain.password_hash import matches
from identity.usecases.hash_password import Hashing
from newsreel_runtime.clock import now
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.access_token import Access, AccessTokenVerifier
from newsreel_testing.identity_service import ORIGIN, PASSWORD, Identity

ADDRESS = "ada@example.org"
NEW_PASSWORD = "Other-Horse-88"


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> httpx.Response:
    """POST a JSON body."""
    return await client.post(path, json=body)


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("urn:newsreel:problem:")


async def registered(identity: Identity, client: httpx.AsyncClient) -> None:
    """A verified account, by the API."""
    asked = (await post(client, "/v1/registrations", address=ADDRESS, password=PASSWORD)).json()
    code = identity.code(UUID(asked["challenge_id"]))
    answer = await post(
        client,
        f"/v1/challenges/{asked['challenge_id']}/verification",
        challenge_secret=asked["challenge_secret"],
        code=f" {code[:4]} {code[4:]}\n",
    )
    assert (answer.status_code, answer.json()) == (200, {"purpose": "signup"})


async def signed_in(client: httpx.AsyncClient, password: str = PASSWORD) -> dict[str, str]:
    """The headers of a session."""
    answer = await post(client, "/v1/sessions", address=ADDRESS, password=password)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['session']}"}


async def test_the_whole_way(identity: Identity, client: httpx.AsyncClient) -> None:
    await registered(identity, client)
    session = await signed_in(client)
    issued = (await client.post("/v1/tokens", headers=session)).json()
    assert issued["token_type"] == "Bearer"
    assert issued["expires_in"] == 300
    assert issued["account"]["address"] == ADDRESS
    bearer = {"Authorization": f"Bearer {issued['access_token']}"}
    for _ in range(2):
        assert (await client.put("/v1/newsletter", headers=bearer)).json() == {"newsletter": True}
    asked = (await post(client, "/v1/resets", address=ADDRESS)).json()
    proven = await post(
        client,
        f"/v1/challenges/{asked['challenge_id']}/verification",
        challenge_secret=asked["challenge_secret"],
        code=identity.code(UUID(asked["challenge_id"]), "reset"),
    )
    assert proven.json()["purpose"] == "reset"
    path = f"/v1/resets/{asked['challenge_id']}/password"
    body = {"reset_token": proven.json()["reset_token"], "password": NEW_PASSWORD}
    for _ in range(2):  # pressed twice (trial A2)
        assert (await client.post(path, json=body)).status_code == 204
    other = body | {"password": "Third-Horse-99"}
    assert problem(await client.post(path, json=other)) == (422, "reset-refused")
    assert problem(await client.post("/v1/tokens", headers=session)) == (401, "session-ended")
    assert problem(await client.delete("/v1/newsletter", headers=bearer)) == (401, "session-ended")
    old = await post(client, "/v1/sessions", address=ADDRESS, password=PASSWORD)
    assert problem(old) == (401, "sign-in-refused")
    session = await signed_in(client, NEW_PASSWORD)
    issued = (await client.post("/v1/tokens", headers=session)).json()
    assert issued["account"]["newsletter"] is True
    for _ in range(2):
        assert (await client.delete("/v1/sessions/current", headers=session)).status_code == 204
    assert problem(await client.post("/v1/tokens", headers=session)) == (401, "session-ended")


async def test_other_services_verify_its_tokens(identity: Identity, client: httpx.AsyncClient) -> None:
    await registered(identity, client)
    issued = (await client.post("/v1/tokens", headers=await signed_in(client))).json()
    verifier = AccessTokenVerifier(ORIGIN, transport=client._transport)
    access = await verifier.verify(issued["access_token"])
    assert isinstance(access, Access)
    assert str(access.account_id) == issued["account"]["account_id"]
    forged = issued["access_token"][:-4] + "AAAA"
    with pytest.raises(ServiceError):
        await verifier.verify(forged)
    keys = (await client.get("/.well-known/jwks.json")).json()
    assert set(keys["keys"][0]) == {"kty", "crv", "x", "kid", "use", "alg"}  # no "d"
    metadata = (await client.get("/.well-known/openid-configuration")).json()
    assert metadata["issuer"] == ORIGIN
    assert metadata["jwks_uri"] == f"{ORIGIN}/.well-known/jwks.json"


@pytest.mark.parametrize(
    "path", ["/.well-known/jwks.json", "/.well-known/openid-configuration", "/v1/password-policy"]
)
async def test_head_is_get_without_the_body(client: httpx.AsyncClient, path: str) -> None:
    """Trial B13."""
    got, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content, head.headers) == (200, b"", got.headers)


async def test_e1_new_unverified_and_taken_addresses_get_the_same_answer(
    identity: Identity, client: httpx.AsyncClient
) -> None:
    await registered(identity, client)
    answers = [
        await post(client, "/v1/registrations", address=address, password=PASSWORD)
        for address in (ADDRESS, "new@example.org", "new@example.org")
    ]
    forgot = (ADDRESS, "nobody@example.org")
    answers += [await post(client, "/v1/resets", address=address) for address in forgot]
    for answer in answers:
        assert answer.status_code == 202
        assert len(answer.content) == len(answers[1].content)
        assert set(answer.headers) == set(answers[0].headers)
        assert answer.json().keys() == answers[0].json().keys()
    waits = [answer.json()["resend_after_seconds"] for answer in answers]
    assert waits == [30] * 5


async def test_p8_a_password_is_refused_with_every_reason_and_never_repeated(
    client: httpx.AsyncClient,
) -> None:
    answer = await post(client, "/v1/registrations", address=ADDRESS, password="sesam öffne")
    assert problem(answer) == (422, "password-refused")
    codes = {error["code"] for error in answer.json()["errors"]}
    assert codes == {"too-short", "has-space", "needs-upper", "needs-digit", "needs-symbol"}
    assert "sesam" not in answer.text
    answer = await post(client, "/v1/registrations", address="ada", password="sesam öffne")
    assert problem(answer) == (422, "address-refused")
    assert {error["field"] for error in answer.json()["errors"]} == {"address", "password"}


@pytest.mark.parametrize("policy", POLICIES.values())
async def test_p5_the_published_policy_is_the_one_applied(identity: Identity, policy: Policy) -> None:
    identity.policy = policy
    async with identity.client() as client:
        published = (await client.get("/v1/password-policy")).json()
        shortest = ("Kx7#vQ2!mP9z" * 11)[: published["min_length"]]
        tries = {
            shortest: None,
            shortest[:-1]: "too-short",
            ("Password123! " * 11)[: len(shortest)]: "too-common",
        }
        tries["Kx7#vQ2! mP9z-4tW"] = "has-space" if "space" in published["refuses"] else None
        tries["tin-roof-rain-42!"] = "needs-upper" if "upper" in published["requires"] else None
        for password, reason in tries.items():
            answer = await post(client, "/v1/registrations", address=ADDRESS, password=password)
            assert answer.status_code == (422 if reason else 202)
            assert reason is None or reason in {error["code"] for error in answer.json()["errors"]}
    assert published == {
        "profile": policy.profile,
        "min_length": policy.min_length,
        "max_length": 128,
        "length_unit": "code points after NFC",
        "requires": list(policy.requires),
        "refuses": list(policy.refuses),
    }


BAD_BODIES = [
    {},
    {"address": ADDRESS},
    {"address": [ADDRESS], "password": PASSWORD},
    {"address": "a" * 321, "password": PASSWORD},
    {"address": "ada\x00@example.org", "password": PASSWORD},
    {"address": ADDRESS, "password": "A" * 1025},
    {"address": ADDRESS, "password": PASSWORD, "locale": "de"},
    {"address": ADDRESS, "password": PASSWORD, "extra": 1},
    {"address": f"{ADDRESS}\r\nBcc: eve@example.org", "password": PASSWORD},
    {"address": ADDRESS, "password": 10**400},
]


async def test_bad_input_is_a_problem_and_mails_nothing(
    identity: Identity, client: httpx.AsyncClient
) -> None:
    for body in BAD_BODIES:
        answer = await client.post("/v1/registrations", json=body)
        assert problem(answer)[0] == 422, body
        assert PASSWORD not in answer.text
    assert await identity.outbox() == []


BROKEN = [
    b'{"address": "\\ud800@example.org", "password": "Correct-Horse-7"}',
    b'{"\\ud800": 1}',
    b"{",
    b"\xff",
    b"[]",
    b"",
]


async def test_broken_json_is_a_problem(client: httpx.AsyncClient) -> None:
    for path in ("/v1/registrations", "/v1/sessions"):
        for text in BROKEN:
            answer = await client.post(path, content=text, headers={"Content-Type": "application/json"})
            assert problem(answer)[0] in {400, 401, 422}, text


async def test_a_lone_surrogate_in_a_password_is_refused(client: httpx.AsyncClient) -> None:
    body = b'{"address": "ada@example.org", "password": "Correct-Horse-7\\ud800"}'
    answer = await client.post(
        "/v1/registrations", content=body, headers={"Content-Type": "application/json"}
    )
    assert problem(answer)[0] == 422


async def test_c11_a_long_code_is_refused_before_any_work(client: httpx.AsyncClient) -> None:
    asked = (await post(client, "/v1/resets", address=ADDRESS)).json()
    path = f"/v1/challenges/{asked['challenge_id']}/verification"
    answer = await post(client, path, challenge_secret=asked["challenge_secret"], code="1" * 65)
    assert problem(answer) == (422, "invalid-input")
    answer = await post(client, path, challenge_secret=asked["challenge_secret"], code="1" * 64)
    assert problem(answer) == (422, "not-a-code")


async def test_no_code_at_all_is_told_apart_from_a_wrong_one(
    identity: Identity, client: httpx.AsyncClient
) -> None:
    """Trial A14."""
    asked = (await post(client, "/v1/registrations", address=ADDRESS, password=PASSWORD)).json()
    path = f"/v1/challenges/{asked['challenge_id']}/verification"
    secret = asked["challenge_secret"]
    answer = await post(client, path, challenge_secret=secret, code="my code")
    assert problem(answer) == (422, "not-a-code")
    answer = await post(client, path, challenge_secret=secret, code="Code: 0000 0000.")
    assert problem(answer) == (422, "code-refused")
    right = identity.code(UUID(asked["challenge_id"]))
    answer = await post(client, path, challenge_secret=secret, code=f"Code: {right[:4]}\u30fc{right[4:]}.")
    assert answer.status_code == 200


async def test_an_address_is_read_however_it_was_pasted_and_shown_as_it_was_typed(
    identity: Identity, client: httpx.AsyncClient
) -> None:
    """Trials A12 and A18: registering, forgetting and signing in read alike."""
    typed = "ada@b\u00fccher.example"
    await identity.make_account(typed, now())
    body = {"address": "<mailto:ADA\uff20b\u00fccher.example>\u00a0\u200b", "password": PASSWORD}
    started = await client.post("/v1/sessions", json=body)
    assert started.status_code == 201
    bearer = {"Authorization": f"Bearer {started.json()['session']}"}
    issued = (await client.post("/v1/tokens", headers=bearer)).json()
    assert issued["account"]["address"] == typed
    for path in ("/v1/registrations", "/v1/resets"):
        sent = body if path == "/v1/registrations" else {"address": body["address"]}
        assert (await client.post(path, json=sent)).status_code == 202
    mails = await identity.outbox("identity.code.v1")
    assert {mail.data["address"] for mail in mails} == {"ada@xn--bcher-kva.example"}


async def test_an_address_that_the_notifier_would_not_mail_is_refused_at_once(
    client: httpx.AsyncClient,
) -> None:
    """Trial A10: a local part of 66 octets."""
    body = {"address": "\u0436" * 33 + "@example.org"}
    for path, more in (("/v1/resets", {}), ("/v1/registrations", {"password": PASSWORD})):
        assert problem(await client.post(path, json=body | more)) == (422, "address-refused")


@pytest.mark.parametrize("smtputf8", [True, False])
async def test_an_address_that_the_mail_server_cannot_take_is_refused_at_once(
    identity: Identity, smtputf8: bool
) -> None:
    """Trial A11."""
    identity.smtputf8 = smtputf8
    body = {"address": "jos\u00e9@example.org"}
    async with identity.client() as client:
        for path, more in (("/v1/resets", {}), ("/v1/registrations", {"password": PASSWORD})):
            answer = await client.post(path, json=body | more)
            if smtputf8:
                assert answer.status_code == 202
            else:
                assert problem(answer) == (422, "address-refused")
                assert answer.json()["errors"][0]["code"] == "only-ascii"
            ascii_domain = {"address": "jose@b\u00fccher.example", **more}
            assert (await client.post(path, json=ascii_domain)).status_code == 202


async def test_m1_a_new_code_too_early_is_told_when(client: httpx.AsyncClient) -> None:
    asked = (await post(client, "/v1/resets", address=ADDRESS)).json()
    path = f"/v1/challenges/{asked['challenge_id']}/codes"
    answer = await post(client, path, challenge_secret=asked["challenge_secret"])
    assert problem(answer) == (429, "too-many-requests")
    assert 28 <= int(answer.headers["retry-after"]) <= 30
    answer = await post(client, path, challenge_secret="x" * 22)
    assert problem(answer) == (404, "challenge-unknown")


async def test_wrong_codes_answer_alike_until_the_budget_is_spent(client: httpx.AsyncClient) -> None:
    asked = (await post(client, "/v1/resets", address=ADDRESS)).json()
    path = f"/v1/challenges/{asked['challenge_id']}/verification"
    for _ in range(5):
        answer = await post(client, path, challenge_secret=asked["challenge_secret"], code="00000000")
        assert problem(answer) == (422, "code-refused")
    answer = await post(client, path, challenge_secret=asked["challenge_secret"], code="00000000")
    assert problem(answer) == (410, "challenge-over")


async def test_e6_every_failed_sign_in_answers_alike(identity: Identity, client: httpx.AsyncClient) -> None:
    await registered(identity, client)
    await post(client, "/v1/registrations", address="new@example.org", password=PASSWORD)
    tries = [
        (ADDRESS, "Wrong-Horse-77"),
        ("nobody@example.org", PASSWORD),
        ("new@example.org", PASSWORD),
        ("not an address", PASSWORD),
    ]
    answers = [await post(client, "/v1/sessions", address=a, password=p) for a, p in tries]
    assert {problem(answer) for answer in answers} == {(401, "sign-in-refused")}
    assert len({answer.content for answer in answers}) == 1


async def test_p7_an_outdated_hash_is_renewed_at_sign_in(
    identity: Identity, client: httpx.AsyncClient
) -> None:
    await registered(identity, client)
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    async with identity.database.begin() as tx:
        await tx.sql.execute("UPDATE account SET password_hash = $1", weak)
    await signed_in(client)
    async with identity.database.read() as connection:
        renewed = await connection.fetchval("SELECT password_hash FROM account")
    assert renewed != weak
    assert matches(renewed, PASSWORD)


async def test_no_session_and_no_token_is_401(client: httpx.AsyncClient) -> None:
    routes = (("POST", "/v1/tokens"), ("PUT", "/v1/newsletter"))
    for value in (None, b"Bearer x", b"Basic eDp4", b"Bearer \xe9", b"Bearer " + b"x" * 4000):
        headers = {} if value is None else {b"Authorization": value}
        for method, path in routes:
            answer = await client.request(method, path, headers=headers)
            assert problem(answer)[0] == 401
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_e5_more_hashes_than_fit_are_shed_and_nothing_is_written(identity: Identity) -> None:
    identity.hashing.close()
    identity.hashing = Hashing(1, 1)
    async with identity.client() as client:
        tries = (
            post(client, "/v1/registrations", address=f"ada{n}@example.org", password=PASSWORD)
            for n in range(12)
        )
        answers = await asyncio.gather(*tries)
    shed = [answer for answer in answers if answer.status_code == 503]
    assert shed
    assert {problem(answer) for answer in shed} == {(503, "busy")}
    assert all(answer.headers["retry-after"] == "3" for answer in shed)
    async with identity.database.read() as connection:
        rows = await connection.fetch("SELECT pending_password_hash FROM challenge")
    assert len(rows) == 12 - len(shed)
    assert all(row["pending_password_hash"] for row in rows)


async def test_c9_nothing_secret_is_published_or_logged(
    identity: Identity, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await registered(identity, client)
    asked = (await post(client, "/v1/resets", address=ADDRESS)).json()
    session = await signed_in(client)
    async with identity.database.read() as connection:
        rows = await connection.fetch("SELECT topic, key, payload, subject, source FROM outbox")
        hashed = await connection.fetchval("SELECT password_hash FROM account")
    codes = [identity.code(UUID(asked["challenge_id"]), "reset")]
    mailed = [UUID(row["key"]) for row in rows if row["topic"] == "identity.code.v1"]
    codes += [
        derive(challenge_id) for challenge_id in mailed for derive in (identity.code, identity.long_code)
    ]
    secrets = [*codes, PASSWORD, hashed, asked["challenge_secret"], session["Authorization"][7:]]
    written = [f"{row['key']} {row['payload'].decode()} {row['subject']} {row['source']}" for row in rows]
    for secret in secrets:
        assert not any(secret in text for text in written)
        assert secret not in caplog.text
    for row, text in zip(rows, written, strict=True):
        assert (ADDRESS in text) == (row["topic"] in {"identity.code.v1", "identity.contact.v1"})
    assert ADDRESS not in "".join(
        record.getMessage() for record in caplog.records if "identity" in record.name
    )
