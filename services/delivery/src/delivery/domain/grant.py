"""Accounts, renditions and grants as delivery knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from uuid import UUID


@dataclass(frozen=True)
class Account:
    """What identity published about an account.

    A session that began at or before `sessions_valid_after` is dead.
    """

    account_id: UUID
    status: str
    roles: tuple[str, ...]
    sessions_valid_after: datetime


@dataclass(frozen=True)
class Rendition:
    """One file of a video. `sha256` is hexadecimal. Not `available`: the catalogue took it back."""

    rendition_id: UUID
    video_id: UUID
    file: str
    media_type: str
    size_bytes: int
    sha256: str
    available: bool

    @property
    def key(self) -> str:
        """Where its bytes lie, below the media folder or in a bucket."""
        return f"{self.rendition_id}/{self.file}"

    @property
    def etag(self) -> str:
        """Its strong entity tag, the same at every address (RFC 9110 §8.8.3)."""
        return f'"{self.sha256}"'


@dataclass(frozen=True)
class Video:
    """What the catalogue published: the whole state of one version. Only a `usable` one may be taken.

    `titles` by language.
    """

    video_id: UUID
    version: int
    status: str
    titles: Mapping[str, str]
    poster_sha256: str | None
    renditions: tuple[Rendition, ...]
    reference: str


@dataclass(frozen=True)
class Grant:
    """The right of one account to one rendition, until it is revoked."""

    grant_id: UUID
    account_id: UUID
    video_id: UUID
    rendition_id: UUID
    is_revoked: bool = False


@dataclass(frozen=True)
class Caller:
    """Who asks, by an access token whose session began at `session_began`.

    A client has an account's id and no session: its token begins one.
    """

    account_id: UUID
    session_began: datetime


class Standing(Enum):
    """Whether a session may act for an account now."""

    GOOD = auto()
    SESSION_ENDED = auto()
    NOT_ACTIVE = auto()


def standing(account: Account | None, caller: Caller) -> Standing:
    """Judge the caller's session.

    Identity begins sessions for active accounts alone: of one that is not known here, or is unverified, the
    news is on its way, and the token says enough. What is known here can only end access.
    """
    if account is None:
        return Standing.GOOD
    if caller.session_began <= account.sessions_valid_after:
        return Standing.SESSION_ENDED
    return Standing.GOOD if account.status in {"active", "unverified"} else Standing.NOT_ACTIVE
