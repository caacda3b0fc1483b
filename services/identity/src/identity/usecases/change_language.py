"""The person chooses the language that mails are written in."""

from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.domain.account import Language
from identity.store import accounts
from newsreel_runtime.transaction import Tx


async def change_language(tx: Tx, account_id: UUID, session_began: datetime, language: Language) -> None:
    """Codes, notices and newsletters come in it from now on; the same one again changes nothing.

    Raises `ServiceError` 401 session-ended.
    """
    account = await accounts.find_acting(tx.sql, account_id, session_began)
    if account is None:
        raise errors.session_ended()
    changed = await accounts.set_locale(tx, account_id, session_began, language)
    if changed is not None:
        outbound_events.contact_changed(tx, changed)
