"""Mailpit as the people's inbox."""

import asyncio
from collections import Counter
from typing import Any

import httpx

from newsreel_local.mailpit_reader import MailpitReader

_PAGE = 500
_PAUSE = 0.2  # seconds until a mail catcher that did not answer is asked again


class Mailpit:
    """A mail catcher that is asked again while it does not answer: it is no part of what is tried."""

    def __init__(self, client: httpx.AsyncClient, origin: str) -> None:
        self._client = client
        self._origin = origin
        self._reader = MailpitReader(client, origin)

    async def code(self, address: str, seconds: float) -> str:
        """The code in the first mail to `address`. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    return (await self._reader.wait(address, seconds=seconds)).code
                except httpx.HTTPError:
                    await asyncio.sleep(_PAUSE)

    async def counted(self) -> Counter[str]:
        """Mails by address."""
        counted: Counter[str] = Counter()
        start = 0
        while True:
            found = await self._page(start)
            counted.update(to["Address"] for mail in found["messages"] for to in mail["To"])
            start += _PAGE
            if start >= found["total"]:
                return counted

    async def _page(self, start: int) -> Any:
        query = {"start": start, "limit": _PAGE}
        while True:
            try:
                answer = await self._client.get(f"{self._origin}/api/v1/messages", params=query)
                return answer.raise_for_status().json()
            except httpx.HTTPError:
                await asyncio.sleep(_PAUSE)
