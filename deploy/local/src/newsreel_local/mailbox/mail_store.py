"""The mails that were handed over: one file each, newest first, there again after a restart."""

import asyncio
import email
import email.policy
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

_KEPT = 2000


@dataclass(frozen=True)
class StoredMail:
    """One mail. `id` is the moment its DATA ended, in microseconds since 1970, and grows.

    What is in it is looked at when somebody asks: whoever hands it over does not wait for that.
    """

    id: str
    sender: str
    to: tuple[str, ...]
    raw: str

    @cached_property
    def _message(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def content(self) -> bytes:
        """The mail as it came."""
        return self.raw.encode("utf-8", "surrogateescape")

    @property
    def subject(self) -> str:
        return str(self._message["Subject"] or "")

    @property
    def message_id(self) -> str:
        return str(self._message["Message-ID"] or "")

    @cached_property
    def text(self) -> str:
        """The plain text, or without one the HTML."""
        body = self._message.get_body(("plain", "html"))
        return str(body.get_content()) if body is not None else ""

    @property
    def data_ended_at(self) -> float:
        """Seconds since 1970, when the last byte of the mail had arrived, just before the 250."""
        return int(self.id) / 1_000_000

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.data_ended_at, UTC)

    def summary(self) -> dict[str, object]:
        """The JSON shape: all but the raw source."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": ", ".join(self.to),
            "recipients": list(self.to),
            "subject": self.subject,
            "message_id": self.message_id,
            "received_at": self.moment.isoformat(timespec="microseconds"),
            "data_ended_at": self.data_ended_at,
            "text": self.text,
        }


class MailStore:
    """All mails of one folder, the newest 2,000 of them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._mails: dict[str, StoredMail] = {}
        self._arrived = asyncio.Condition()
        for path in sorted(folder.glob("*.json"))[-_KEPT:]:
            stored = json.loads(path.read_bytes())
            self._mails[stored["id"]] = StoredMail(**stored | {"to": tuple(stored["to"])})

    async def keep(self, sender: str, to: Sequence[str], content: bytes) -> StoredMail:
        """Write a mail to its file; it is there when this returns."""
        newest = next(reversed(self._mails), "0")
        number = max(time.time_ns() // 1000, int(newest) + 1)
        mail = StoredMail(f"{number:016}", sender, tuple(to), content.decode("utf-8", "surrogateescape"))
        self._mails[mail.id] = mail
        unfinished = self._folder / f"{mail.id}.part"
        unfinished.write_text(json.dumps(asdict(mail)))
        unfinished.rename(self._path(mail.id))
        while len(self._mails) > _KEPT:
            self._forget(next(iter(self._mails)))
        async with self._arrived:
            self._arrived.notify_all()
        return mail

    def find(self, to: str | None = None, after: str = "") -> list[StoredMail]:
        """Newest first: those to an address, those with an id past `after`."""
        wanted = to.casefold() if to else None
        return [
            mail
            for mail in reversed(self._mails.values())
            if mail.id > after and (wanted is None or wanted in map(str.casefold, mail.to))
        ]

    async def wait(self, to: str | None, after: str, seconds: float) -> list[StoredMail]:
        """Like `find`, but waits up to `seconds` for a first one."""
        try:
            async with asyncio.timeout(seconds), self._arrived:
                await self._arrived.wait_for(lambda: bool(self.find(to, after)))
        except TimeoutError:
            return []
        return self.find(to, after)

    def get(self, number: str) -> StoredMail | None:
        return self._mails.get(number)

    def clear(self) -> None:
        for number in list(self._mails):
            self._forget(number)

    def _forget(self, number: str) -> None:
        del self._mails[number]
        self._path(number).unlink(missing_ok=True)

    def _path(self, number: str) -> Path:
        return self._folder / f"{number}.json"
