"""Reading Mailpit as its owner would: the mail catcher of compose and of the clusters for tests."""

import asyncio
from datetime import datetime
from typing import Any

import httpx

from newsreel_local.mailbox_reader import Mail

_LOOK = 0.1  # seconds between two looks: Mailpit's API waits for nothing


class MailpitReader:
    """Mailpit's JSON (`/api/v1`), one address at a time."""

    def __init__(self, client: httpx.AsyncClient, origin: str) -> None:
        self._client = client
        self._api = f"{origin}/api/v1"

    async def mails(self, address: str) -> list[Mail]:
        """What `address` got, oldest first."""
        found = await self._get("search", query=f'to:"{address}"', limit="200")
        return [await self._mail(listed) for listed in reversed(found["messages"])]

    async def wait(self, address: str, count: int = 1, seconds: float = 30.0) -> Mail:
        """The `count`-th mail of `address`. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while True:
                found = await self.mails(address)
                if len(found) >= count:
                    return found[count - 1]
                await asyncio.sleep(_LOOK)

    async def _mail(self, listed: dict[str, Any]) -> Mail:
        whole = await self._get(f"message/{listed['ID']}")
        return Mail(
            listed["ID"],
            listed["Subject"],
            listed["MessageID"],
            whole["Text"].replace("\r\n", "\n"),
            datetime.fromisoformat(listed["Created"]).timestamp(),
        )

    async def _get(self, path: str, **query: str) -> Any:
        answer = await self._client.get(f"{self._api}/{path}", params=query)
        return answer.raise_for_status().json()
