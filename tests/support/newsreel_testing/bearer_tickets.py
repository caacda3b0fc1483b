"""A grant, and the bearer tickets that are made of it, over delivery's own API."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx

from newsreel_events.catalog import RenditionV1
from newsreel_testing.delivery_service import Delivery


@dataclass
class Granted:
    """A published file, granted to an account, whose token is in the headers `owner` alone."""

    owner: dict[str, str]
    account: UUID
    video: UUID
    rendition: RenditionV1
    grant: str

    @property
    def tickets(self) -> str:
        """Where its bearer tickets are made."""
        return f"/v1/grants/{self.grant}/tickets"


async def granted(delivery: Delivery, client: httpx.AsyncClient, file: str = "presser.mp4") -> Granted:
    video, rendition = await delivery.publish_file(b"bytes", file)
    account = await delivery.account()
    owner = delivery.issuer.bearer(account)
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    grant = (await client.post("/v1/grants", json=wanted, headers=owner)).json()["grant_id"]
    return Granted(owner, account, video.video_id, rendition, grant)


async def make(client: httpx.AsyncClient, of: Granted, **asked: int) -> httpx.Response:
    return await client.post(of.tickets, json=asked or None, headers=of.owner)


def path_of(made: httpx.Response) -> str:
    assert made.status_code == 201, made.text
    return urlsplit(str(made.json()["url"])).path


def code(answer: httpx.Response) -> tuple[int, str]:
    """The status of a refusal, and what kind it is."""
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def listed(client: httpx.AsyncClient, of: Granted) -> list[dict[str, Any]]:
    [item] = (await client.get("/v1/downloads", headers=of.owner)).json()["items"]
    found: list[dict[str, Any]] = item["bearer_tickets"]
    return found
