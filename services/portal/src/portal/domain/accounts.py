"""The person at the browser, as identity tells it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Account:
    """The account behind a session; the last release tells neither `language` (of mails) nor `name`."""

    account_id: UUID
    address: str = field(repr=False)
    newsletter: bool
    language: str = "en"
    name: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Access:
    """A short right to act for an account; the token goes to services, never to the browser.

    `session` is what the browser holds from now on, when it changes.
    """

    access_token: str = field(repr=False)
    account: Account
    session: str | None = field(default=None, repr=False)
    session_expires_at: datetime | None = None


@dataclass(frozen=True)
class SessionShown:
    """One of the account's sessions; `used_at` is exact to ten minutes, `browser` is what we called it."""

    session_id: UUID
    began_at: datetime
    used_at: datetime
    browser: str | None
    current: bool


@dataclass(frozen=True)
class Origin:
    """Where a request of a person comes from: the client's address, and what the browser is known by."""

    client: str | None
    known_browser: str | None = field(repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """As identity is told."""
        told = {"X-Forwarded-For": self.client, "Newsreel-Known-Browser": self.known_browser}
        return {name: text for name, text in told.items() if text is not None}


@dataclass(frozen=True)
class Session:
    """What the browser's cookies hold, and until when; an identity of the last release knows no browser."""

    session: str = field(repr=False)
    expires_at: datetime
    known_browser: str | None = field(default=None, repr=False)
