"""What a claimed mail says: a code or a notice, or an issue of the newsletter."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from newsreel_runtime.database import DATABASE_ERRORS, Database
from newsreel_runtime.keyring import KeyRing
from notifier.domain.code import derive_code, derive_long_code
from notifier.domain.failure import Failure
from notifier.domain.mail import PURPOSES, Attempt, Locale, Mail
from notifier.domain.mime import MailTemplates
from notifier.domain.newsletter import NewsletterMail
from notifier.domain.sender import Sender
from notifier.domain.unsubscribe import unsubscribe_token
from notifier.store import news
from notifier.usecases.deliver_mail import Write

_PAUSE = timedelta(seconds=1)
_KEPT = 30.0  # seconds that an encoded issue is used: a video withdrawn meanwhile leaves it then


def code_writer(templates: MailTemplates, keys: KeyRing) -> Write:
    """Codes and notices. The code exists in here only."""

    async def write(mail: Mail, at: datetime) -> bytes | Attempt:
        code = None
        if mail.kid is not None:
            key = keys.get(mail.kid)
            if key is None:
                failure = Failure("key", f"{mail.kid} is not in NEWSREEL_CODE_KEYS")
                return Attempt("postponed", failure=failure)
            derive = derive_long_code if mail.is_long else derive_code
            code = derive(key, PURPOSES[mail.kind], mail.reference_id, mail.generation)
        return templates.fill_in(mail, code, at)

    return write


class NewsletterWriter:
    """Issues of the newsletter, each read and encoded once per language and half minute."""

    def __init__(
        self,
        database: Database,
        texts: Mapping[Locale, Mapping[str, Mapping[str, str]]],
        sender: Sender,
        portal_origin: str,
        keys: KeyRing,
    ) -> None:
        self._database = database
        self._texts = texts
        self._sender = sender
        self._portal_origin = portal_origin
        self._keys = keys
        self._encoded: dict[tuple[int, Locale], tuple[float, NewsletterMail | None]] = {}

    async def write(self, mail: Mail, at: datetime) -> bytes | Attempt:
        """Too late once every video of the issue has been withdrawn."""
        try:
            issue = await self._issue(mail.generation, mail.locale)
        except DATABASE_ERRORS:
            return Attempt("not-begun", retry_at=at + _PAUSE)
        if issue is None:
            return Attempt("too-late")
        return issue.fill_in(mail, unsubscribe_token(self._keys, mail.reference_id), at)

    async def _issue(self, number: int, locale: Locale) -> NewsletterMail | None:
        until, issue = self._encoded.get((number, locale), (0.0, None))
        if time.monotonic() < until:
            return issue
        async with self._database.read() as sql:
            items = await news.of_issue(sql, number)
        text = self._texts[locale]["newsletter"]
        issue = NewsletterMail(text, items, locale, self._sender, self._portal_origin) if items else None
        self._encoded = {key: known for key, known in self._encoded.items() if key[0] == number}
        self._encoded[number, locale] = time.monotonic() + _KEPT, issue
        return issue
