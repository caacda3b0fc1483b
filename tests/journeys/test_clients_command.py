"""Another team's program takes a file without a person, and is shut out when its client is deleted."""

import re

import httpx

from newsreel_local.journey import Addresses, Journey
from newsreel_local.stack import RunningStack
from newsreel_proving.secrecy import Searched, at_rest
from newsreel_testing.operators import newsreel
from newsreel_testing.secrecy import places
from newsreel_testing.secrecy.forms import Secret
from newsreel_testing.secrecy.search import Search
from newsreel_testing.wait_until import until

_RENDITION = re.compile(r"/videos/([0-9a-f-]{36})/renditions/([0-9a-f-]{36})/download")
_NOTE = ("--reason", "ticket 7", "--as", "olga", "--yes")


class Program:
    """It knows the origins of the services, and what an operator gave it."""

    def __init__(self, client: httpx.AsyncClient, stack: RunningStack, shown: str) -> None:
        self._client = client
        self._identity, self._delivery = stack.ports.origin("identity"), stack.ports.origin("delivery")
        lines = shown.splitlines()
        self.client_id, self.secret = lines[0].partition(" ")[0], lines[-1]

    async def asks_for_token(self) -> httpx.Response:
        """At the token endpoint that identity names."""
        found = await self._client.get(f"{self._identity}/.well-known/openid-configuration")
        form, pair = {"grant_type": "client_credentials"}, (self.client_id, self.secret)
        return await self._client.post(found.json()["token_endpoint"], data=form, auth=pair)

    async def asks_for_file(self, token: str, wanted: dict[str, str]) -> httpx.Response:
        bearer = {"Authorization": f"Bearer {token}"}
        return await self._client.post(f"{self._delivery}/v1/grants", headers=bearer, json=wanted)


async def test_a_program_takes_a_file_until_its_client_is_deleted(
    stack: RunningStack, addresses: Addresses
) -> None:
    async with httpx.AsyncClient(timeout=30) as client:
        video = await Journey(client, addresses).first_video()
        found = _RENDITION.fullmatch(video.form("/download").action)
        assert found is not None
        wanted = {"video_id": found[1], "rendition_id": found[2]}
        create = ("clients", "create", "clipper", "downloads")
        program = Program(client, stack, await newsreel(stack, "identity", *create, *_NOTE))
        token = (await program.asks_for_token()).raise_for_status().json()["access_token"]
        granted = (await program.asks_for_file(token, wanted)).raise_for_status().json()
        bearer = {"Authorization": f"Bearer {token}"}
        followed = await client.get(granted["ticket"], headers=bearer)
        signed = followed.headers["location"]
        taken = await client.get(signed)
        assert (taken.status_code, len(taken.content)) == (200, granted["rendition"]["size_bytes"])

        await newsreel(stack, "identity", "clients", "delete", "clipper", *_NOTE)
        assert (await program.asks_for_token()).status_code == 401

        async def is_refused() -> bool:
            return (await program.asks_for_file(token, wanted)).status_code == 401

        await until(is_refused, "delivery refuses the token of a deleted client")
        assert (await client.get(granted["ticket"], headers=bearer)).status_code == 401

    secrets = [
        Secret("password", program.secret),
        Secret("access token", token),
        Secret("signature", signed.rpartition("s=")[2]),
    ]
    searched = Searched(Search(secrets))
    async for place in at_rest(stack):
        searched.look(place)
    for place in (
        *places.logs(stack.local.root / "logs"),
        *places.files("spans", stack.local.data("traces")),
    ):
        searched.look(place)
    assert list(map(str, searched.found)) == []
