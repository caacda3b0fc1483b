"""People's programs: they talk to identity and delivery themselves, without pages."""

import re

import httpx

from newsreel_local.journey import Journey
from newsreel_proving.people import Person
from newsreel_testing.operators import newsreel

_RENDITION = re.compile(
    r"/videos/(?P<video_id>[0-9a-f-]{36})/renditions/(?P<rendition_id>[0-9a-f-]{36})/download"
)


async def register_by_program(person: Person) -> None:
    """With a wrong code, and "send a new code" at once, which is too early."""
    identity = await _identity(person)
    body = {"address": person.address, "password": person.password, "locale": person.language}
    asked = (await identity.post("/v1/registrations", json=body)).raise_for_status().json()
    challenge, secret = f"/v1/challenges/{asked['challenge_id']}", asked["challenge_secret"]
    code = await person.code(await person.browser())
    await identity.post(f"{challenge}/codes", json={"challenge_secret": secret})
    await identity.get(challenge, headers={"Newsreel-Challenge-Secret": secret})
    for typed in (person.a_code(), code):
        answer = await identity.post(
            f"{challenge}/verification", json={"challenge_secret": secret, "code": typed}
        )
    answer.raise_for_status()


async def reset_by_program(person: Person) -> None:
    identity = await _identity(person)
    body = {"address": person.address, "locale": person.language}
    asked = (await identity.post("/v1/resets", json=body)).raise_for_status().json()
    code = await person.code(await person.browser())
    proof = {"challenge_secret": asked["challenge_secret"], "code": code}
    verification = f"/v1/challenges/{asked['challenge_id']}/verification"
    proven = (await identity.post(verification, json=proof)).raise_for_status().json()
    person.password = person.a_password()
    new = {"reset_token": proven["reset_token"], "password": person.password}
    (await identity.post(f"/v1/resets/{asked['challenge_id']}/password", json=new)).raise_for_status()


async def take_with_program(person: Person, ticket: str) -> None:
    """Sign in to identity, take an access token, and follow the ticket to a signed URL."""
    identity = await _identity(person)
    body = {"address": person.address, "password": person.password, "browser": "a program"}
    began = (await identity.post("/v1/sessions", json=body)).raise_for_status().json()
    session = {"Authorization": f"Bearer {began['session']}"}
    issued = (await identity.post("/v1/tokens", headers=session)).raise_for_status().json()
    token = {"Authorization": f"Bearer {issued['access_token']}"}
    (await identity.get("/v1/account", headers=token)).raise_for_status()
    moved = await identity.get(ticket, headers=token)
    assert moved.status_code == httpx.codes.TEMPORARY_REDIRECT, moved.text
    part = await identity.get(moved.headers["location"], headers={"Range": "bytes=0-999"})
    assert part.status_code == httpx.codes.PARTIAL_CONTENT, part.text
    (await identity.delete("/v1/sessions/current", headers=session)).raise_for_status()


async def call_as_client(person: Person, browser: Journey) -> None:
    """Another team's program takes a file: an operator makes a client, a new secret, and an end of both."""
    name, stack = f"clipper-{person.chance.getrandbits(64):x}", person.world.stack
    note = ("--reason", f"ticket {person.chance.randrange(1000)}", "--as", "olga", "--yes")
    found = _RENDITION.fullmatch((await browser.first_video()).form("/download").action)
    assert found is not None
    identity = await _identity(person)
    for act in (("create", name, "downloads"), ("rotate", name)):
        printed = (await newsreel(stack, "identity", "clients", *act, *note)).splitlines()
        client_id, secret = printed[0].split()[0], printed[-1]
        person.world.collected.add("client secret", secret)
        body = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        issued = (await identity.post("/v1/token", data=body)).raise_for_status().json()
        del body["client_id"], body["client_secret"]
        in_header = await identity.post("/v1/token", data=body, auth=(client_id, secret))
        in_header.raise_for_status()
        token = {"Authorization": f"Bearer {issued['access_token']}"}
        grants = f"{stack.ports.origin('delivery')}/v1/grants"
        (await identity.post(grants, json=found.groupdict(), headers=token)).raise_for_status()
    await newsreel(stack, "identity", "clients", "delete", name, *note)


async def _identity(person: Person) -> httpx.AsyncClient:
    client = await person.program()
    client.base_url = httpx.URL(person.world.stack.ports.origin("identity"))
    return client
