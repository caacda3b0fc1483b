"""Mailpit's API (v1): the code in a person's mail, and how many mails each address got."""

import asyncio
import re
from collections import Counter
from typing import Any

import httpx

_CODE = re.compile(r"^\s*(\d{4} \d{4})\s*$", re.MULTILINE)
_PAGE = 500
_PAUSE = 0.2  # seconds between two looks


class Mailpit:
    """A mail catcher that is asked again while it does not answer: it is no part of what is tried."""

    def __init__(self, client: httpx.AsyncClient, origin: str) -> None:
        self._client = client
        self._origin = origin

    async def code(self, address: str, seconds: float) -> str:
        """The code in the first mail to `address`. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while True:
                found = await self._get("search", query=f'to:"{address}"')
                for mail in found["messages"]:
                    code = _CODE.search((await self._get(f"message/{mail['ID']}"))["Text"])
                    if code is not None:
                        return code[1]
                await asyncio.sleep(_PAUSE)

    async def counted(self) -> Counter[str]:
        """Mails by address."""
        counted: Counter[str] = Counter()
        start = 0
        while True:
            found = await self._get("messages", start=str(start), limit=str(_PAGE))
            counted.update(to["Address"] for mail in found["messages"] for to in mail["To"])
            start += _PAGE
            if start >= found["total"]:
                return counted

    async def _get(self, what: str, **query: str) -> Any:
        while True:
            try:
                answer = await self._client.get(f"{self._origin}/api/v1/{what}", params=query)
                return answer.raise_for_status().json()
            except httpx.HTTPError:
                await asyncio.sleep(_PAUSE)
