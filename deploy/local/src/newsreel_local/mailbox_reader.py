"""Reading the mailbox as its owner would: wait for a mail, find the code in it."""

import asyncio
import re
from dataclasses import dataclass

import httpx

_CODE = re.compile(r"^\s*(\d{4} \d{4})\s*$", re.MULTILINE)
_PAUSE = 0.005


@dataclass(frozen=True)
class Mail:
    """One mail that arrived. `accepted_at` is the moment of the 250, seconds since the epoch."""

    to: str
    subject: str
    message_id: str
    text: str
    accepted_at: float

    @property
    def code(self) -> str:
        """The code on a line of its own. Raises `LookupError` when there is none."""
        found = _CODE.search(self.text)
        if found is None:
            raise LookupError(f"no code in the mail {self.subject!r}")
        return found[1]


class MailboxReader:
    """The mail server's JSON, one address at a time."""

    def __init__(self, client: httpx.AsyncClient, origin: str) -> None:
        self._client = client
        self._origin = origin

    async def mails(self, address: str) -> list[Mail]:
        """What `address` got, oldest first."""
        answer = await self._client.get(f"{self._origin}/messages", params={"to": address})
        return [
            Mail(one["to"], one["subject"], one["message_id"], one["text"], one["data_ended_at"])
            for one in reversed(answer.raise_for_status().json()["messages"])
        ]

    async def wait(self, address: str, count: int = 1, seconds: float = 30.0) -> Mail:
        """The `count`-th mail of `address`. Raises `TimeoutError`."""
        async with asyncio.timeout(seconds):
            while True:
                mails = await self.mails(address)
                if len(mails) >= count:
                    return mails[count - 1]
                await asyncio.sleep(_PAUSE)
