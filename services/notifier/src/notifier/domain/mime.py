"""Mails as prepared MIME text: an `EmailMessage` per kind and language at the start; the code is filled in.

An `EmailMessage` per mail takes 2.4 ms (from the button to the mail server it is 8 ms), these pieces 9 µs.
Only Date, Message-ID and To are made per mail: the library needs 0.3 ms for them, refuses addresses outside
ASCII, and changes `=?…?=`, which may be a mailbox. `can_be_mailed` lets nothing pass that could be a header.
"""

import textwrap
from collections.abc import Mapping
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

from notifier.domain.mail import KINDS, LOCALES, PURPOSES, Kind, Locale, Mail
from notifier.domain.sender import Sender

Text = Mapping[str, str]  # subject and body; see notifier/templates
_CODE = "{code}"
_PORTAL = "{portal}"
_HOLE = "00000000-code"  # ASCII, short, and nothing that quoted-printable would encode
_NONE: Mapping[str, str] = {}
_BOUNDARY = "newsreel-parts"
_SUBJECT_LINE = 69  # characters: 78 with the header's name (RFC 5322 §2.1.1)
# No colour is set: the mail program's own are readable on its own background, light or dark.
_BODY_STYLE = "font: 16px/1.5 sans-serif; max-width: 36em; margin: 16px; overflow-wrap: anywhere"
_CODE_STYLE = "font: bold 32px/1.5 monospace; word-spacing: -10px; margin: 24px 0; user-select: all"
# A telephone must not make a link of eight digits.
_HEAD = (
    '<meta charset="utf-8"><meta name="viewport" content="width=device-width">\n'
    '<meta name="format-detection" content="telephone=no">\n'
    '<meta name="color-scheme" content="light dark">\n'
    '<meta name="supported-color-schemes" content="light dark">'
)


def message_id(mail: Mail, domain: str) -> str:
    """The same for every copy of a mail (RFC 5322 §3.6.4), so that a second one can be recognised."""
    return f"<{mail.kind}.{mail.reference_id}.{mail.generation}@{domain}>"


def own_headers(mail: Mail, domain: str, at: datetime) -> bytes:
    """The headers that each mail has for itself."""
    return (
        f"Date: {format_datetime(at)}\r\nMessage-ID: {message_id(mail, domain)}\r\nTo: <{mail.address}>\r\n"
    ).encode()


def grouped(code: str) -> str:
    """`12345678` as `1234 5678`, as people read it."""
    return " ".join(code[begin : begin + 4] for begin in range(0, len(code), 4))


def spelled(code: str) -> str:
    """HTML in which each symbol is a word, so that speech says `one two`, not `twelve`; a line for each four.

    Copied it has at most 57 characters: identity looks at 64.
    """
    return "&nbsp;\r\n".join("&nbsp;".join(group) for group in grouped(code).split())


class MailTemplates:
    """Every kind of mail in every language, ready to be filled in."""

    def __init__(
        self, texts: Mapping[Locale, Mapping[str, Text]], sender: Sender, portal_origin: str
    ) -> None:
        self.sender = sender
        self._pieces: dict[tuple[Kind, bool, Locale], list[bytes]] = {
            (kind, is_long, locale): prepare(
                texts[locale][f"{kind}_long" if is_long else kind], kind, locale, sender, portal_origin
            )
            for kind in KINDS
            for is_long in ((False, True) if kind in PURPOSES else (False,))
            for locale in LOCALES
        }

    def fill_in(self, mail: Mail, code: str | None, at: datetime) -> bytes:
        """The mail as it goes over the wire, CRLF and all. `code` is None for notices.

        The recipient must have passed `can_be_mailed`; a non-ASCII one makes this an RFC 6532 message.
        """
        first, *others = self._pieces[mail.kind, mail.is_long, mail.locale]
        headers = own_headers(mail, self.sender.domain, at)
        if code is None:
            return headers + first
        plain, html = (shown(code).encode("ascii") for shown in (grouped, spelled))
        return headers + b"".join((first, plain, others[0], html, others[1]))


def prepare(text: Text, kind: Kind, locale: Locale, sender: Sender, portal_origin: str) -> list[bytes]:
    """The encoded mail, cut where the code goes. Raises `ValueError` when the code has not its places."""
    patterns = [" ".join(paragraph.split()) for paragraph in text["body"].split("\n\n")]
    paragraphs = [pattern.replace(_CODE, _HOLE).replace(_PORTAL, portal_origin) for pattern in patterns]
    html = html_page(text["subject"], _html(patterns, paragraphs), locale)
    message = encoded(sender, text["subject"], locale, plain=plain_text(paragraphs), html=html)
    pieces = message.split(_HOLE.encode())
    if len(pieces) != (3 if kind in PURPOSES else 1):
        raise ValueError(f"{kind}/{locale}: the code stands once in the text, once in the HTML, or nowhere")
    return pieces


def encoded(
    sender: Sender, subject: str, locale: Locale, *, plain: str, html: str, headers: Mapping[str, str] = _NONE
) -> bytes:
    """A mail as it goes over the wire, without Date, Message-ID and To. `subject` is one line.

    `headers` are ASCII, and written as they are: the library would encode a long domain in List-Id as a word.
    """
    message = EmailMessage(policy=SMTP)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 §5
    message.set_content(plain, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message.set_boundary(_BOUNDARY)
    message["Content-Language"] = locale
    more = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
    return (sender.header + _subject(subject) + more).encode("ascii") + message.as_bytes()


def _subject(text: str) -> str:
    """Made here, since `EmailMessage` loses spaces where it folds what is not ASCII (CPython's gh-92081)."""
    if not text.isascii() or len(text) > _SUBJECT_LINE or "=?" in text:
        text = Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {text}\r\n"


def plain_text(paragraphs: list[str]) -> str:
    """Lines of 72 characters, an empty one between paragraphs."""
    wrapped = (textwrap.fill(text, 72, break_long_words=False, break_on_hyphens=False) for text in paragraphs)
    return "\n\n".join(wrapped) + "\n"


def _html(patterns: list[str], paragraphs: list[str]) -> str:
    lines = []
    for pattern, filled in zip(patterns, paragraphs, strict=True):
        if pattern == _CODE:
            lines.append(f'<p style="{_CODE_STYLE}">\n{filled}\n</p>')
        elif pattern.startswith(_PORTAL):
            lines.append(f'<p><a href="{escape(filled)}">{escape(filled)}</a></p>')
        else:
            lines.append(f"<p>{escape(filled)}</p>")
    return "\n".join(lines)


def html_page(subject: str, body: str, locale: Locale) -> str:
    """The frame that all mails have; `body` is HTML."""
    return (
        f'<!DOCTYPE html>\n<html lang="{locale}">\n'
        f"<head>{_HEAD}\n<title>{escape(subject)}</title></head>\n"
        f'<body style="{_BODY_STYLE}">\n{body}\n</body>\n</html>\n'
    )
