"""Accounts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

Status = Literal["unverified", "active", "suspended", "deleted"]
Language = Literal["en", "fr", "uk"]


@dataclass(frozen=True)
class Consent:
    """Somebody joined or left the newsletter: with the account, or by the link of a mail.

    `wording` is the version of the words that were agreed to.
    """

    subscribed: bool
    at: datetime
    how: Literal["account", "link"]
    wording: str | None = None


@dataclass(frozen=True)
class Account:
    """An account as identity keeps it; a session that began at or before `sessions_valid_after` is dead."""

    account_id: UUID
    address: str = field(repr=False)
    locale: Language
    status: Status
    roles: tuple[str, ...]
    newsletter: bool
    sessions_valid_after: datetime
    name: str | None = field(default=None, repr=False)
