"""The mailbox: a mail that got its 250 is in the inbox, also after a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx

from newsreel_local.mailbox.mail_store import MailStore
from newsreel_local.mailbox.pages import create_app
from newsreel_local.mailbox.smtp import protocol


@asynccontextmanager
async def smtp(letters: MailStore) -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(lambda: protocol(letters), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def inbox(letters: MailStore) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(letters)), base_url="http://mailbox")


def mail(to: str, text: str, subject: str = "Votre code") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "newsreel@newsreel.example", to, subject
    message["Message-ID"] = "<1@newsreel.example>"
    message.set_content(text)
    return message


async def test_what_was_accepted_is_shown_newest_first_and_survives_a_restart(tmp_path: Path) -> None:
    letters = MailStore(tmp_path)
    async with smtp(letters) as port:
        for text in ("first: 1234 5678", "second: é ж"):
            await aiosmtplib.send(mail("Ann@example.org", text), hostname="127.0.0.1", port=port)
    async with inbox(MailStore(tmp_path)) as client:
        shown = (await client.get("/messages", params={"to": "ann@EXAMPLE.org"})).json()["messages"]
        assert [mail["text"].strip() for mail in shown] == ["second: é ж", "first: 1234 5678"]
        newest = shown[0]
        assert (newest["to"], newest["subject"]) == ("Ann@example.org", "Votre code")
        assert newest["message_id"] == "<1@newsreel.example>"
        assert (await client.get(f"/messages/{newest['id']}")).json() == newest
        later = (await client.get("/messages", params={"after": shown[1]["id"]})).json()["messages"]
        assert later == [newest]
        assert (await client.delete("/messages")).status_code == 204
        assert (await client.get("/messages")).json()["messages"] == []
    assert MailStore(tmp_path).find() == []


async def test_whoever_waits_hears_of_the_next_mail(tmp_path: Path) -> None:
    letters = MailStore(tmp_path)
    async with inbox(letters) as client:
        waiting = asyncio.create_task(client.get("/messages", params={"to": "bo@example.org", "wait": "10"}))
        await asyncio.sleep(0)
        await letters.keep("a@example.org", ["bo@example.org"], mail("bo@example.org", "hello").as_bytes())
        assert len((await waiting).json()["messages"]) == 1


async def test_a_mail_cannot_script_the_page(tmp_path: Path) -> None:
    letters = MailStore(tmp_path)
    hostile = mail("a@example.org", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>")
    await letters.keep("b@example.org", ['"><script>'], hostile.as_bytes())
    async with inbox(letters) as client:
        page = await client.get("/", params={"to": '"><script>alert(1)</script>'})
        assert "<script" not in page.text
        assert "<script" not in (await client.get("/")).text
        assert "<img" not in (await client.get("/")).text
        assert "default-src 'none'" in page.headers["content-security-policy"]
