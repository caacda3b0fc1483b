"""What arrives in a mailbox, in every kind and language."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32, default
from email.utils import getaddresses

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import SecretStr

import portal.app as portal_app
import portal.settings as portal_settings
from newsreel_runtime.settings import Http
from newsreel_testing.fake_smtp import PORTAL, SENDER, a_mail, a_request
from notifier.domain.address import can_be_mailed
from notifier.domain.mail import KINDS, LOCALES, PURPOSES, Kind, Locale
from notifier.domain.mime import MailTemplates, prepare
from notifier.domain.sender import Sender
from notifier.templates import read_texts

TEMPLATES = MailTemplates(read_texts(), SENDER, PORTAL)
AT = datetime(2026, 11, 24, 12, 30, 5, tzinfo=UTC)
CODE = "04081234"
EVERY = [(kind, locale) for kind in KINDS for locale in LOCALES]

PAGES = {
    "signup_code": {"/code"},
    "reset_code": {"/forgot/code"},
    "address_taken": {"/sign-in", "/forgot"},
    "no_account": {"/register"},
    "password_changed": {"/forgot"},
    "address_code": {"/account/address/code"},
    "address_wanted": {"/sign-in", "/account"},
    "address_changed": {"/register"},
}


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
def test_m8_the_headers(kind: Kind, locale: Locale) -> None:
    raw, message = composed(kind, locale)
    assert not message.defects
    assert all(not part.defects for part in message.walk())
    assert message["To"].addresses[0].addr_spec == "reporter@desk.example"
    assert message["From"].addresses[0].addr_spec == SENDER.address
    assert message["Date"].datetime == AT
    assert re.fullmatch(rf"<{kind}\.[0-9a-f-]{{36}}\.1@newsreel\.test>", message["Message-ID"])
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == locale
    assert message["Subject"] == read_texts()[locale][kind]["subject"]
    assert not re.search(r"\d", message["Subject"])
    assert not [name for name in message if name.lower().startswith("list-")]
    assert len(message.keys()) == len({name.lower() for name in message})
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n") if not line.startswith(b"Message-ID")) <= 78


@pytest.mark.parametrize(("kind", "locale"), EVERY)
def test_the_body(kind: Kind, locale: Locale) -> None:
    _, message = composed(kind, locale)
    plain, html = content(message, "plain"), content(message, "html")
    assert ("0408 1234" in plain.splitlines()) == (kind in PURPOSES)
    assert html.count("0&nbsp;4&nbsp;0&nbsp;8&nbsp;\r\n1&nbsp;2&nbsp;3&nbsp;4\r\n") == (kind in PURPOSES)
    assert "0408" not in html
    assert ("30" in plain) == (kind in PURPOSES)
    assert f'<html lang="{locale}">' in html
    assert "{" not in plain
    links = re.findall(r"https?://[^\s\"<]+", plain + html)
    assert {link.removeprefix(PORTAL) for link in links} == PAGES[kind]
    assert plain.count(PORTAL) == html.count(f'href="{PORTAL}') == len(PAGES[kind])


async def test_the_portal_has_each_page_that_a_mail_names() -> None:
    settings = portal_settings.Settings(
        origin=PORTAL,
        signing_key=SecretStr("ab" * 32),
        identity_origin=PORTAL,
        catalog_origin=PORTAL,
        delivery_origin=PORTAL,
        media_origin=PORTAL,
        http=Http(port=0),
    )
    async with portal_app.compose(settings) as service:
        pages = {path for path, methods in service.http.openapi()["paths"].items() if "get" in methods}
    assert set().union(*PAGES.values()) <= pages


@pytest.mark.parametrize("kind", list(PURPOSES))
@pytest.mark.parametrize("locale", LOCALES)
def test_a_long_code_is_grouped_and_promises_no_browser(kind: Kind, locale: Locale) -> None:
    short = content(composed(kind, locale)[1], "plain")
    mail = a_mail(replace(a_request(kind, locale), is_long=True))
    message = message_from_bytes(TEMPLATES.fill_in(mail, "4YHXJKNF5KV3FNF6WMT4H0PRBP", AT), policy=default)
    assert isinstance(message, EmailMessage)
    assert "4YHX JKNF 5KV3 FNF6 WMT4 H0PR BP" in content(message, "plain").splitlines()
    assert "H&nbsp;0&nbsp;P&nbsp;R&nbsp;\r\nB&nbsp;P\r\n" in content(message, "html")
    long = content(message, "plain")
    assert "30" in long
    assert {line for line in long.splitlines() if PORTAL in line} == {PORTAL + page for page in PAGES[kind]}
    only_here = {"en": "works only", "fr": "ne fonctionne que", "uk": "працює лише"}[locale]
    assert (only_here in short, only_here in long) == (True, False)


def test_each_kind_says_something_else_in_each_language() -> None:
    assert len({content(composed(kind, locale)[1], "plain") for kind, locale in EVERY}) == len(EVERY)


def test_a_code_letter_without_a_place_for_the_code_is_refused() -> None:
    for body in ("Hello", "{code}\n\n{code}"):
        with pytest.raises(ValueError, match="the code stands once"):
            prepare({"subject": "Subject", "body": body}, "signup_code", "en", SENDER, PORTAL)
    with pytest.raises(ValueError, match="the code stands once"):
        prepare({"subject": "Subject", "body": "{code}"}, "no_account", "en", SENDER, PORTAL)


@pytest.mark.parametrize(
    "name",
    [
        "Newsroom, Desk and Foreign Correspondents of the Public Broadcasting House, Incorporated",
        "Say 'hi', \"hello\", \\ and so on, " * 4 + "end",
        "a.b@c.example, " * 6 + "z",
        "group: of; (some) " + "[kind], " * 9 + "end",
        "x" * 80 + ",",
        "Редакція новин, відділ міжнародних кореспондентів, будинок мовлення, Київ",
        "Agence, " * 10 + "é",
    ],
)
def test_a_senders_name_arrives_as_it_was_set(name: str) -> None:
    """Trial A16."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    for text in (f'"{quoted}" <no-reply@n.example>', f"{name} <no-reply@n.example>"):
        templates = MailTemplates(read_texts(), Sender.parse(text), PORTAL)
        raw = templates.fill_in(a_mail(), CODE, AT)
        line = str(message_from_bytes(raw, policy=compat32)["From"]).replace("\r\n", "")
        [(shown, address)] = getaddresses([line])
        assert (str(make_header(decode_header(shown))), address) == (name, "no-reply@n.example")
        assert raw.isascii()


def test_an_international_recipient_stands_in_the_header_as_it_is() -> None:
    raw, _ = composed("no_account", "uk", "редактор@desk.example")
    assert "To: <редактор@desk.example>\r\n".encode() in raw


@given(
    st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters='<>()[]\\,;:"@'), min_size=1),
    st.sampled_from(EVERY),
)
def test_m5_an_address_stands_in_its_header_and_nowhere_else(local: str, form: tuple[Kind, Locale]) -> None:
    """Mails go to addresses that nobody has proven: nothing else in them may come from who asked."""
    address = f"{local}@desk.example"
    assume(can_be_mailed(address))
    mail = a_mail(a_request(*form))
    code = CODE if mail.kind in PURPOSES else None
    usual, other = (TEMPLATES.fill_in(replace(mail, address=to), code, AT) for to in ("a@b.example", address))
    assert other == usual.replace(b"To: <a@b.example>\r\n", f"To: <{address}>\r\n".encode())
