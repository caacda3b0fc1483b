"""An issue of the newsletter as a mail: encoded once per language; each person has an own link to leave it.

List-Id is RFC 2919's, List-Unsubscribe RFC 2369's; List-Unsubscribe-Post makes it one press (RFC 8058 §3.1).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from notifier.domain.mail import Locale, Mail
from notifier.domain.mime import encoded, html_page, own_headers, plain_text
from notifier.domain.news import NewsItem
from notifier.domain.sender import Sender

_SHOWN = 30  # videos; the page has the others
_TITLE_IN_SUBJECT = 100  # characters
_HOLE = "\x01"  # quoted-printable writes it as one piece
_ENCODED_HOLE = b"=01"


class NewsletterMail:
    """One issue in one language. `plain` and `html` are its texts; the link in them has no token."""

    def __init__(
        self,
        text: Mapping[str, str],
        items: Sequence[NewsItem],
        locale: Locale,
        sender: Sender,
        portal_origin: str,
    ) -> None:
        """`text` is that of notifier/templates; `items` are not empty, the newest first."""
        self._sender = sender
        self._unsubscribe = f"{portal_origin}/newsletter/unsubscribe?token="
        title = " ".join(items[0].title(locale)[1].split())[:_TITLE_IN_SUBJECT]
        self.subject = text["subject"].replace("{title}", title).strip()
        link = self._unsubscribe + _HOLE
        shown, others = items[:_SHOWN], len(items) - _SHOWN
        more = [text["more"].replace("{count}", str(others))] if others > 0 else []
        reason = text["reason"].replace("{portal}", portal_origin)
        plain = [
            plain_text([text["greeting"]]).rstrip("\n"),
            *(_plain_item(item, locale, portal_origin) for item in shown),
            *(f"{line}\n{portal_origin}" for line in more),
            plain_text([reason]).rstrip("\n"),
            f"{text['unsubscribe']}\n{link}",
        ]
        html = [
            f"<p>{escape(text['greeting'])}</p>",
            *(_html_item(item, locale, portal_origin) for item in shown),
            *(f'<p><a href="{escape(portal_origin)}">{escape(line)}</a></p>' for line in more),
            f"<p>{escape(reason)}<br>",
            f'<a href="{escape(link)}">{escape(text["unsubscribe"])}</a></p>',
        ]
        text_part = "\n\n".join(plain) + "\n"
        page = html_page(self.subject, "\n".join(html), locale)
        self.plain, self.html = text_part.replace(_HOLE, ""), page.replace(_HOLE, "")
        mail = encoded(
            sender,
            self.subject,
            locale,
            plain=text_part,
            html=page,
            headers={
                "List-Id": f"Newsreel <newsletter.{sender.domain}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )
        self._pieces = mail.split(_ENCODED_HOLE)
        if len(self._pieces) != 3:
            raise ValueError("the link to unsubscribe stands once in the text and once in the HTML")

    def fill_in(self, mail: Mail, token: str, at: datetime) -> bytes:
        """The mail as it goes over the wire; `token` is the account's to unsubscribe with."""
        link = f"List-Unsubscribe: <{self._unsubscribe}{token}>\r\n".encode()
        # Between soft line breaks (RFC 2045 §6.7): lines stay as short as they must be.
        shown = b"=\r\n" + token.encode("ascii") + b"=\r\n"
        return own_headers(mail, self._sender.domain, at) + link + shown.join(self._pieces)


def _plain_item(item: NewsItem, locale: Locale, portal_origin: str) -> str:
    parts = [part for part in (item.title(locale)[1], item.headline(locale)[1]) if part]
    texts = [plain_text([part]).rstrip("\n") for part in parts]
    return "\n".join([*texts, f"{portal_origin}/videos/{item.video_id}"])


def _html_item(item: NewsItem, locale: Locale, portal_origin: str) -> str:
    (title_language, title), (language, headline) = item.title(locale), item.headline(locale)
    link = escape(f"{portal_origin}/videos/{item.video_id}")
    return (
        f'<h2 style="font-size: 18px; margin: 24px 0 4px" lang="{escape(title_language)}">'
        f'<a href="{link}">{escape(title)}</a></h2>\n'
        f'<p style="margin: 0" lang="{escape(language)}">{escape(headline)}</p>'
    )
