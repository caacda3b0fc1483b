"""Service accounts over HTTP: a program exchanges its secret for an access token, or is told why not."""

import base64
import json
import random
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt

from identity.domain.act import Note
from identity.domain.limits import NETWORK_SECRETS
from identity.errors import TOKEN_ERRORS
from identity.store import allowances
from identity.usecases.create_client import create_client
from identity.usecases.delete_client import delete_client
from identity.usecases.rotate_client import rotate_client
from newsreel_proving.enumeration import auc
from newsreel_runtime.clock import now
from newsreel_runtime.http.access_token import AccessTokenVerifier, ClientAccess
from newsreel_testing.identity_service import ORIGIN, PASSWORD, Identity

GRANT = {"grant_type": "client_credentials"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Program:
    """A client that an operator made."""

    client_id: str
    secret: str

    @property
    def basic(self) -> dict[str, str]:
        return basic(self.client_id, self.secret)

    @property
    def body(self) -> dict[str, str]:
        return {"client_id": self.client_id, "client_secret": self.secret}


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def note() -> Note:
    return Note("olga", "ticket 7", now())


@pytest.fixture
async def program(identity: Identity) -> Program:
    async with identity.database.begin() as tx:
        made, secret = await create_client(tx, "clipper", ("downloads",), note())
    return Program(str(made.client_id), secret)


async def ask(
    client: httpx.AsyncClient, headers: dict[str, str] | None = None, **form: str
) -> httpx.Response:
    return await client.post("/v1/token", data=GRANT | form, headers=headers or {})


def refused(answer: httpx.Response, status: int, error: str) -> None:
    """As RFC 6749 §5.2 has it."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == error
    assert answer.headers["cache-control"] == "no-store"
    challenge = answer.headers.get("www-authenticate", "")
    assert challenge.startswith("Basic ") == (status == 401)


async def test_a_program_gets_a_token_by_basic_or_by_the_form(
    identity: Identity, client: httpx.AsyncClient, program: Program
) -> None:
    verifier = AccessTokenVerifier(ORIGIN, transport=client._transport, scope="downloads")
    for answer in (
        await ask(client, program.basic),
        await ask(client, program.basic, client_id=program.client_id, scope="downloads"),
        await ask(client, None, **program.body),
        await ask(client, None, **program.body, unknown="parameter", scope=""),
    ):
        assert answer.status_code == 200, answer.text
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
        issued = answer.json()
        assert {name: issued[name] for name in ("token_type", "expires_in", "scope")} == {
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "downloads",
        }
        access = await verifier.verify(issued["access_token"])
        assert isinstance(access, ClientAccess)
        assert (str(access.client_id), set(access.scopes)) == (program.client_id, {"downloads"})
        assert abs(access.issued_at - now()) < timedelta(minutes=1)
    assert await identity.outbox() == []


async def test_the_token_is_what_rfc_9068_says(
    identity: Identity, client: httpx.AsyncClient, program: Program
) -> None:
    answers = [(await ask(client, program.basic)).json()["access_token"] for _ in range(2)]
    decoded = [jwt.decode(token, identity.signer.key_set, algorithms=["EdDSA"]) for token in answers]
    claims = decoded[0].claims
    assert (decoded[0].header["typ"], decoded[0].header["kid"]) == (
        "at+jwt",
        identity.signer.public_jwks[0]["kid"],
    )
    assert claims.keys() == {"iss", "sub", "aud", "iat", "exp", "client_id", "scope", "jti"}
    assert (claims["sub"], claims["client_id"]) == (program.client_id, program.client_id)
    assert 299 <= claims["exp"] - claims["iat"] <= 300
    assert claims["jti"] != decoded[1].claims["jti"]


async def test_discovery_leads_a_program_to_its_token(client: httpx.AsyncClient, program: Program) -> None:
    told = (await client.get("/.well-known/openid-configuration")).json()
    assert told["grant_types_supported"] == ["client_credentials"]
    assert told["token_endpoint_auth_methods_supported"] == ["client_secret_basic", "client_secret_post"]
    assert told["scopes_supported"] == ["downloads"]
    answer = await client.post(told["token_endpoint"], data=GRANT, headers=program.basic)
    assert answer.status_code == 200


async def test_one_answer_to_whoever_is_not_the_client(
    identity: Identity, client: httpx.AsyncClient, program: Program
) -> None:
    """Wrong secret, unknown id, deleted, another's secret, none: nobody learns which ids there are."""
    async with identity.database.begin() as tx:
        other, others_secret = await create_client(tx, "archive", ("downloads",), note())
        gone, gone_secret = await create_client(tx, "gone", ("downloads",), note())
        await delete_client(tx, "gone", note())
    nobody, wrong = str(gone.client_id)[:-4] + "0000", program.secret[:-2] + "zz"
    pairs = [
        (program.client_id, wrong),
        (program.client_id, ""),
        (program.client_id, others_secret),
        (program.client_id, program.secret + "\N{SNOWMAN}"),
        (nobody, wrong),
        ("00000000-0000-0000-0000-000000000000", wrong),
        ("clipper", program.secret),
        (str(gone.client_id), gone_secret),
        (str(other.client_id), program.secret),
    ]
    answers = [await ask(client, basic(*pair)) for pair in pairs]
    answers += [
        await ask(client, None, client_id=one, client_secret=secret) for one, secret in pairs if secret
    ]
    answers += [await ask(client), await ask(client, None, client_id=program.client_id)]
    for answer in answers:
        refused(answer, 401, "invalid_client")
    seen = {(answer.content, tuple(sorted(answer.headers.items()))) for answer in answers}
    assert len(seen) == 1
    assert program.secret not in answers[0].text


async def test_e1_the_time_of_a_refusal_says_nothing_of_the_client(
    client: httpx.AsyncClient, program: Program
) -> None:
    """In turns, in an order that is drawn: 0.5 is a coin; chance alone is above 0.85 once in 500,000 runs."""
    ids = {"known": program.client_id, "unknown": str(uuid4()), "no id": "x" * 36}
    times = defaultdict[str, list[float]](list)
    chance = random.SystemRandom()
    for _ in range(40):
        for standing in chance.sample(list(ids), len(ids)):
            began = time.perf_counter()
            refused(await ask(client, basic(ids[standing], "x" * 43)), 401, "invalid_client")
            times[standing].append(time.perf_counter() - began)
    assert max(auc(times["known"], times[other]) for other in ("unknown", "no id")) < 0.85


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic Y2xpcHBlcg==",  # no colon
        f"Basic {base64.b64encode(bytes([0xFF]) + b':x').decode()}",
        f"Basic {base64.b64encode(b'%ff:%ff').decode()}",
        "Bearer abc",
        "Digest username=clipper",
    ],
)
async def test_a_header_that_names_no_client_is_no_client(
    client: httpx.AsyncClient, program: Program, header: str
) -> None:
    refused(await ask(client, {"Authorization": header}), 401, "invalid_client")
    refused(await ask(client, {"Authorization": header}, **program.body), 401, "invalid_client")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "invalid_request"),
        (b"scope=downloads", "invalid_request"),
        (b"grant_type=", "invalid_request"),
        (b"grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        (b"grant_type=client_credentials&scope=downloads&scope=downloads", "invalid_request"),
        (b"grant_type=client_credentials&scope=%ff", "invalid_request"),
        (b"grant_type=client_credentials&scope=\xff", "invalid_request"),
        (b"grant_type=client_credentials" + b"&a=b" * 50, "invalid_request"),
        (b"grant_type=client_credentials&client_secret=x", "invalid_request"),
        (b"grant_type=client_credentials&client_id=another", "invalid_request"),
        (b"grant_type=password&username=ada&password=x", "unsupported_grant_type"),
        (b"grant_type=authorization_code&code=x", "unsupported_grant_type"),
        (b"grant_type=Client_Credentials", "unsupported_grant_type"),
        (b"grant_type=client_credentials&scope=everything", "invalid_scope"),
        (b"grant_type=client_credentials&scope=downloads+everything", "invalid_scope"),
        (b"grant_type=client_credentials&scope=Downloads", "invalid_scope"),
        (b"grant_type=client_credentials&scope=downloads%20", "invalid_scope"),
    ],
)
async def test_a_request_that_is_not_one_is_told_so(
    client: httpx.AsyncClient, program: Program, body: bytes, error: str
) -> None:
    answer = await client.post("/v1/token", content=body, headers=FORM | program.basic)
    refused(answer, 400, error)
    assert error in TOKEN_ERRORS


async def test_a_scope_is_not_looked_at_before_the_secret(
    client: httpx.AsyncClient, program: Program
) -> None:
    wrong = basic(program.client_id, "x")
    refused(await ask(client, wrong, scope="everything"), 401, "invalid_client")


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", ""])
async def test_nothing_but_a_form_is_read(
    client: httpx.AsyncClient, program: Program, content_type: str
) -> None:
    body = json.dumps(GRANT | program.body).encode()
    answer = await client.post("/v1/token", content=body, headers={"Content-Type": content_type})
    refused(answer, 400, "invalid_request")
    content = b"grant_type=client_credentials"
    typed = {"Content-Type": "Application/X-WWW-Form-Urlencoded; charset=UTF-8"}
    answer = await client.post("/v1/token", content=content, headers=typed | program.basic)
    assert answer.status_code == 200


async def test_a_long_body_is_refused(client: httpx.AsyncClient, program: Program) -> None:
    answer = await ask(client, program.basic, scope="s" * 70_000)
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


async def spend(identity: Identity, network: str, count: int, at: datetime) -> None:
    async with identity.database.begin() as tx:
        for _ in range(count):
            bucket = identity.buckets.secrets_from(network)
            assert (await allowances.spend(tx, bucket, NETWORK_SECRETS, at)).is_allowed


async def test_a_network_that_sends_wrong_secrets_waits_and_shuts_nobody_out(
    identity: Identity, client: httpx.AsyncClient, program: Program
) -> None:
    """Whoever has the right secret goes on, also beside a program that has not; so do people."""
    await identity.make_account("ada@example.org", now() - timedelta(hours=1))
    [rule] = NETWORK_SECRETS.rules
    await spend(identity, "127.0.0.1/32", rule.count - 1, now())
    refused(await ask(client, basic(program.client_id, "x")), 401, "invalid_client")
    for client_id in (program.client_id, "nobody"):
        late = await ask(client, basic(client_id, "x"))
        assert (late.status_code, late.json()["type"]) == (429, "urn:newsreel:problem:too-many-requests")
        assert 0 < int(late.headers["retry-after"]) <= 600
    assert (await ask(client, program.basic)).status_code == 200
    body = {"address": "ada@example.org", "password": PASSWORD}
    assert (await client.post("/v1/sessions", json=body)).status_code == 201


async def test_wrong_secrets_elsewhere_or_long_ago_do_not_count(
    identity: Identity, client: httpx.AsyncClient, program: Program
) -> None:
    [rule] = NETWORK_SECRETS.rules
    await spend(identity, "192.0.2.7/32", rule.count, now())
    await spend(identity, "127.0.0.1/32", rule.count, now() - rule.period - timedelta(seconds=1))
    refused(await ask(client, basic(program.client_id, "x")), 401, "invalid_client")


async def test_a_token_after_an_end_at_once_is_issued_after_it(
    identity: Identity, client: httpx.AsyncClient, program: Program
) -> None:
    """Also where the clock of the operator's machine is ahead."""
    ahead = Note("olga", "ticket 7", now() + timedelta(seconds=3))
    async with identity.database.begin() as tx:
        rotated, secret = await rotate_client(tx, "clipper", ahead, at_once=True)
    token = (await ask(client, basic(program.client_id, secret))).json()["access_token"]
    verifier = AccessTokenVerifier(ORIGIN, transport=client._transport, scope="downloads")
    access = await verifier.verify(token)
    assert isinstance(access, ClientAccess)
    assert access.issued_at > rotated.tokens_valid_after == ahead.at


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/account", None),
        ("GET", "/v1/sessions", None),
        ("DELETE", "/v1/sessions", None),
        ("PUT", "/v1/newsletter", {"wording": "1"}),
        ("PUT", "/v1/account/language", {"language": "fr"}),
        ("POST", "/v1/account/deletion", {"password": PASSWORD}),
        ("POST", "/v1/tokens", None),
    ],
)
async def test_a_client_is_no_person(
    client: httpx.AsyncClient, program: Program, method: str, path: str, body: Any
) -> None:
    token = (await ask(client, program.basic)).json()["access_token"]
    answer = await client.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
