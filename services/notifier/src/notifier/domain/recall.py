"""A mail about a recall: encoded once for each recall and language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from uuid import UUID

from notifier.domain.mail import Locale, Mail
from notifier.domain.mime import Text, encoded, html_page, own_headers, plain_text
from notifier.domain.news import picked
from notifier.domain.sender import Sender

_SUBJECT_TITLE = 100  # characters
_PORTAL = "{portal}"


@dataclass(frozen=True)
class RecalledVideo:
    """What is recalled. `kind` is an open value; titles and note, which may be empty, are by language."""

    recall_id: UUID
    video_id: UUID
    kind: str
    reference: str
    titles: Mapping[str, str]
    note: Mapping[str, str]

    @property
    def is_corrected(self) -> bool:
        """Whether the video has other files now. Of any other kind it is said that it is withdrawn."""
        return self.kind == "corrected"


class RecallMail:
    """The mail about one recall in one language. The paragraphs `{video}` and `{note}` stand for them."""

    def __init__(
        self, text: Text, recalled: RecalledVideo, locale: Locale, sender: Sender, portal_origin: str
    ) -> None:
        """`text` is that of notifier/templates for the kind of the recall."""
        self._sender = sender
        title_language, title = picked(recalled.titles, locale)
        title = title or recalled.reference
        note_language, note = picked(recalled.note, locale)
        plain, html = [], []
        for pattern in (" ".join(paragraph.split()) for paragraph in text["body"].split("\n\n")):
            if pattern == "{video}":
                plain.append(f"{plain_text([title])}{recalled.reference}")
                html.append(
                    f'<p><strong lang="{escape(title_language)}">{escape(title)}</strong><br>\n'
                    f"{escape(recalled.reference)}</p>"
                )
            elif pattern == "{note}":
                if note:
                    plain += [plain_text([text["note"]]).rstrip("\n"), plain_text([note]).rstrip("\n")]
                    html.append(
                        f"<p>{escape(text['note'])}</p>\n"
                        f'<blockquote lang="{escape(note_language)}">{escape(note)}</blockquote>'
                    )
            elif pattern.startswith(_PORTAL):
                link = pattern.replace(_PORTAL, portal_origin).replace("{id}", str(recalled.video_id))
                plain.append(link)
                html.append(f'<p><a href="{escape(link)}">{escape(link)}</a></p>')
            else:
                plain.append(plain_text([pattern]).rstrip("\n"))
                html.append(f"<p>{escape(pattern)}</p>")
        named = {"{title}": title[:_SUBJECT_TITLE].rstrip(), "{reference}": recalled.reference}
        subject = text["subject"]
        for hole, value in named.items():
            subject = subject.replace(hole, value)
        subject = " ".join(subject.split())
        self._encoded = encoded(
            sender,
            subject,
            locale,
            plain="\n\n".join(plain) + "\n",
            html=html_page(subject, "\n".join(html), locale),
        )

    def fill_in(self, mail: Mail, at: datetime) -> bytes:
        """The mail as it goes over the wire."""
        return own_headers(mail, self._sender.domain, at) + self._encoded
