"""What arrives in a mailbox, in every kind and language."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP, default
from pathlib import Path
from uuid import UUID

import pytest

from newsreel_testing.fake_smtp import PORTAL, SENDER, a_mail, a_request
from notifier.domain.mail import KINDS, LOCALES, PURPOSES, Kind, Locale, MailRequest
from notifier.domain.templates import MailTemplates, prepare
from notifier.domain.wording import Text

TEMPLATES = MailTemplates(SENDER, PORTAL)
AT = datetime(2026, 11, 24, 12, 30, 5, tzinfo=UTC)
CODE = "04081234"
EVERY = [(kind, locale) for kind in KINDS for locale in LOCALES]
GOLDEN = Path(__file__).parent / "golden" / "signup_code.fr.eml"


def composed(
    kind: Kind, locale: Locale, address: str = "reporter@desk.example"
) -> tuple[bytes, EmailMessage]:
    mail = a_mail(a_request(kind, locale, address))
    raw = TEMPLATES.fill_in(mail, CODE if kind in PURPOSES else None, AT)
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return raw, message


def content(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part is not None
    text = part.get_content()
    assert isinstance(text, str)
    return text


@pytest.mark.parametrize(("kind", "locale"), EVERY)
def test_the_headers(kind: Kind, locale: Locale) -> None:
    raw, message = composed(kind, locale)
    assert not message.defects
    assert all(not part.defects for part in message.walk())
    assert message["To"].addresses[0].addr_spec == "reporter@desk.example"
    assert message["From"].addresses[0].addr_spec == SENDER.address
    assert message["Date"].datetime == AT
    assert re.fullmatch(rf"<{kind}\.[0-9a-f-]{{36}}\.1@newsreel\.test>", message["Message-ID"])
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == locale
    assert "Newsreel" in message["Subject"]
    assert not re.search(r"\d", message["Subject"])
    assert len(message.keys()) == len({name.lower() for name in message})
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n") if not line.startswith(b"Message-ID")) <= 78
    assert BytesParser(policy=SMTP).parsebytes(raw)["Subject"] == message["Subject"]


@pytest.mark.parametrize(("kind", "locale"), EVERY)
def test_the_body(kind: Kind, locale: Locale) -> None:
    _, message = composed(kind, locale)
    plain, html = content(message, "plain"), content(message, "html")
    assert ("0408 1234" in plain.splitlines()) == (kind in PURPOSES)
    assert ("0408 1234" in html.splitlines()) == (kind in PURPOSES)
    assert ("30" in plain) == (kind in PURPOSES)
    assert f'<html lang="{locale}">' in html
    assert "{" not in plain
    links = re.findall(r"https?://[^\s\"<]+", plain + html)
    assert all(link.startswith(f"{PORTAL}/") for link in links)
    assert bool(links) == (kind not in PURPOSES)


def test_each_kind_says_something_else_in_each_language() -> None:
    assert len({content(composed(kind, locale)[1], "plain") for kind, locale in EVERY}) == len(EVERY)


def test_a_code_letter_without_a_place_for_the_code_is_refused() -> None:
    for body in ("Hello", "{code}\n\n{code}"):
        with pytest.raises(ValueError, match="the code stands once"):
            prepare(Text("Subject", body), "signup_code", "en", SENDER, PORTAL)
    with pytest.raises(ValueError, match="the code stands once"):
        prepare(Text("Subject", "{code}"), "no_account", "en", SENDER, PORTAL)


def test_an_international_recipient_stands_in_the_header_as_it_is() -> None:
    raw, _ = composed("no_account", "uk", "редактор@desk.example")
    assert "To: <редактор@desk.example>\r\n".encode() in raw


def test_the_look_of_one() -> None:
    request = MailRequest(UUID(int=7), "signup_code", 2, "k1", "reporter@desk.example", "fr", AT)
    assert TEMPLATES.fill_in(a_mail(request), CODE, AT) == GOLDEN.read_bytes()
