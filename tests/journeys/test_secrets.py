"""No code, password, token or signature comes to rest anywhere, and an address only where it must."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

import httpx

from newsreel_events import TOPICS
from newsreel_local.journey import Addresses, Journey
from newsreel_local.stack import RunningStack
from newsreel_testing import canaries
from newsreel_testing.wait_until import until

Person = Callable[[], Awaitable[Journey]]


async def _secrets_of_a_whole_way(someone: Journey, stack: RunningStack) -> dict[str, bytes]:
    """Walk it, and note everything that must stay secret."""
    secrets = {"password": someone.password}
    page = await someone.register()
    code = (await someone.mailbox.wait(someone.address)).code
    secrets |= {"code": code.replace(" ", ""), "code as typed": code}
    await someone.enter_code(page, code)
    await someone.sign_in()
    for cookie in someone.visitor.client.cookies.jar:
        secrets[f"cookie {cookie.name}"] = str(cookie.value)
    session = secrets["cookie newsreel"]
    async with httpx.AsyncClient(base_url=stack.ports.origin("identity")) as client:
        answer = await client.post("/v1/tokens", headers={"Authorization": f"Bearer {session}"})
        secrets["access token"] = answer.json()["access_token"]
        wrong = {"address": someone.address, "password": "Wrong-Password-1"}
        await client.post("/v1/sessions", json=wrong)
        secrets["wrong password"] = wrong["password"]
    ticket = await someone.ticket(await someone.first_video())
    async with httpx.AsyncClient() as program:
        program.headers["Authorization"] = f"Bearer {secrets['access token']}"
        url = (await program.get(ticket)).headers["location"]
        assert (await program.get(url)).status_code == 200
    secrets["signature"] = parse_qs(urlsplit(url).query)["s"][0]
    await someone.take(ticket, "")
    await someone.subscribe()
    return {what: secret.encode() for what, secret in secrets.items()}


async def test_c8_c9_nothing_secret_comes_to_rest(
    person: Person, stack: RunningStack, addresses: Addresses
) -> None:
    await canaries.watch_outboxes(stack)
    someone = await person()
    secrets = await _secrets_of_a_whole_way(someone, stack)

    async def exported() -> bool:
        async with httpx.AsyncClient() as client:
            text = (await client.get(f"{addresses.traces}/traces/{someone.trace_id}.txt")).text
        return "process notifier.mail.v1" in text

    await until(exported, "the spans")
    places = [*await canaries.files(stack), *await canaries.tables(stack), *await canaries.topics(stack)]
    assert len(places) > len(TOPICS)
    assert canaries.everywhere(places, secrets) == []
    address = {"address": someone.address.encode()}
    found = canaries.everywhere(places, address)
    assert {"topic identity.code.v1", "topic identity.contact.v1"} <= {hit.where for hit in found}
    assert [hit for hit in found if not canaries.private(hit.where)] == [
        hit for hit in found if hit.where == "table identity.outbox_seen"
    ]
    seen = dict(places)["table identity.outbox_seen"]
    for line in seen.splitlines():
        if someone.address.encode() in line:
            assert line.startswith((b"identity.code.v1 ", b"identity.contact.v1 ")), line[:60]


def test_a_planted_secret_is_found() -> None:
    places = [("log identity.log", b'{"message": "code 12345678"}')]
    assert canaries.everywhere(places, {"code": b"12345678"}) == [canaries.Found("code", "log identity.log")]
    assert not canaries.private("log identity.log")
    assert not canaries.private("topic identity.account.v1")
    assert canaries.private("topic identity.code.v1")
