"""M3: what is not one plain mailbox is refused, and nothing is sent."""

import httpx
import pytest

from newsreel_testing.identity_service import PASSWORD, Identity

NO_MAILBOX = [
    "victim@example.org\r\nBcc: other@example.org",
    "victim@example.org\nSubject: you won",
    "victim@example.org%0d%0aBcc:other@example.org",
    "victim@example.org,other@example.org",
    "victim@example.org;other@example.org",
    "victim@example.org other@example.org",
    "victim@example.org\u2028other@example.org",
    "Victim <victim@example.org>",
    '"Victim" <victim@example.org>',
    "victim@example.org (a comment)",
    "victim\u0000@example.org",
    "victim@example.org\u0000",
    "a" * 1000 + "@example.org",
    ["victim@example.org", "other@example.org"],
    [["victim@example.org"]],
    {"address": "victim@example.org"},
    7,
    True,
    None,
    "",
]


@pytest.mark.parametrize("path", ["/v1/registrations", "/v1/resets"])
@pytest.mark.parametrize("address", NO_MAILBOX, ids=lambda value: repr(value)[:40])
async def test_m3_what_is_not_one_mailbox_is_refused(
    identity: Identity, client: httpx.AsyncClient, path: str, address: object
) -> None:
    body = {"address": address} | ({"password": PASSWORD} if path == "/v1/registrations" else {})
    answer = await client.post(path, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "other@example.org" not in answer.text
    assert await identity.outbox() == []
    body["address"] = "victim@example.org"
    assert (await client.post(path, json=body)).status_code == 202
