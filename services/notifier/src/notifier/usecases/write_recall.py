"""What a claimed mail about a recall says."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from newsreel_runtime.database import DATABASE_ERRORS, Database
from notifier.domain.mail import Attempt, Locale, Mail
from notifier.domain.mime import Text
from notifier.domain.recall import RecallMail
from notifier.domain.sender import Sender
from notifier.store import recalls

_PAUSE = timedelta(seconds=1)
_KEPT = 30  # encoded mails


class RecallWriter:
    """Mails about recalls, each encoded once for a recall and a language."""

    def __init__(
        self,
        database: Database,
        texts: Mapping[Locale, Mapping[str, Text]],
        sender: Sender,
        portal_origin: str,
    ) -> None:
        self._database = database
        self._texts = texts
        self._sender = sender
        self._portal_origin = portal_origin
        self._encoded: dict[tuple[UUID, Locale], RecallMail] = {}

    async def write(self, mail: Mail, at: datetime) -> bytes | Attempt:
        """The mail, or that the database is away."""
        try:
            async with self._database.read() as sql:
                recalled = await recalls.of_mail(sql, mail.mail_id)
        except DATABASE_ERRORS:
            return Attempt("not-begun", retry_at=at + _PAUSE)
        key = (recalled.recall_id, mail.locale)
        found = self._encoded.get(key)
        if found is None:
            text = self._texts[mail.locale][f"recall_{'corrected' if recalled.is_corrected else 'withdrawn'}"]
            found = RecallMail(text, recalled, mail.locale, self._sender, self._portal_origin)
            if len(self._encoded) >= _KEPT:
                self._encoded.clear()
            self._encoded[key] = found
        return found.fill_in(mail, at)
