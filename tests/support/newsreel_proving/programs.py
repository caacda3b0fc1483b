"""People's programs: they talk to identity and delivery themselves, without pages."""

import httpx

from newsreel_proving.people import Person


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


async def _identity(person: Person) -> httpx.AsyncClient:
    client = await person.program()
    client.base_url = httpx.URL(person.world.stack.ports.origin("identity"))
    return client
