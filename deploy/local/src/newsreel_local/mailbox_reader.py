"""Reading the mailbox as its owner would: wait for a mail, find the code in it."""

import asyncio
import re
from dataclasses import dataclass

import httpx

# Eight digits, or a long code.
CODE = re.compile(r"^\s*(\d{4} \d{4}|(?:[0-9A-Z]{4} ){6}[0-9A-Z]{2})\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Mail:
    """One mail that arrived. `accepted_at` is the moment of the 250, seconds since the epoch."""

    id: str
    subject: str
    message_id: str
    text: str
    accepted_at: float

    @property
    def code(self) -> str:
        """The code on a line of its own. Raises `LookupError` when there is none."""
        found = CODE.search(self.text)
        if found is None:
            raise LookupError(f"no code in the mail {self.subject!r}")
        return found[1]


class MailboxReader:
    """The mail server's JSON, one address at a time."""

    def __init__(self, client: httpx.AsyncClient, origin: str) -> None:
        self._client = client
        self._origin = origin

    async def mails(self, address: str, after: str = "", wait: float = 0) -> list[Mail]:
        """What `address` got past the mail `after`, oldest first; waits up to `wait` seconds for a first."""
        query = {"to": address, "after": after, "wait": str(wait)}
        answer = await self._client.get(f"{self._origin}/messages", params=query, timeout=wait + 10)
        return [
            Mail(*(mail[name] for name in ("id", "subject", "message_id", "text", "data_ended_at")))
            for mail in reversed(answer.raise_for_status().json()["messages"])
        ]

    async def wait(self, address: str, count: int = 1, seconds: float = 30.0) -> Mail:
        """The `count`-th mail of `address`. Raises `TimeoutError`."""
        found: list[Mail] = []
        async with asyncio.timeout(seconds):
            while len(found) < count:
                found += await self.mails(address, found[-1].id if found else "", seconds)
        return found[count - 1]
