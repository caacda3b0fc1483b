"""Clients: programs of other teams that call for themselves, with scopes and a secret (RFC 6749 §4.4)."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from identity.domain.act import ActRefusedError
from identity.domain.secret import hash_secret, is_secret, new_client_secret

SCOPES = ("downloads",)  # the catalogue is public and takes no token
OVERLAP = timedelta(hours=24)  # how long the secret before lives on, so that no program stands still
_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,62}[a-z0-9])?")  # none is like an id, which begins with 0
_NOBODYS = hash_secret(new_client_secret())  # what a secret is compared with where there is none
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Client:
    """A token that was issued at or before `tokens_valid_after` is dead."""

    client_id: UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    tokens_valid_after: datetime
    secret_hash: bytes = field(repr=False)
    secret_made_at: datetime
    older_secret_hash: bytes | None = field(default=None, repr=False)
    older_secret_ends_at: datetime | None = None

    def older_ends(self, at: datetime) -> datetime | None:
        """When the secret before the current one ends; None when it has."""
        ends = self.older_secret_ends_at
        return ends if ends is not None and ends > at else None

    def rotated(self, secret: str, at: datetime, *, at_once: bool) -> Self:
        """With a new secret. The one before lives on for a day, and none before that; `at_once`: it does not,
        nor does a token that was issued until now."""
        return replace(
            self,
            secret_hash=hash_secret(secret),
            secret_made_at=at,
            older_secret_hash=None if at_once else self.secret_hash,
            older_secret_ends_at=None if at_once else at + OVERLAP,
            tokens_valid_after=max(self.tokens_valid_after, at) if at_once else self.tokens_valid_after,
        )

    def issue_moment(self, at: datetime) -> datetime:
        """When a token of now is issued: after those that were ended, also by another machine's clock."""
        return max(at, self.tokens_valid_after + _INSTANT)

    def granted(self, wanted: str | None) -> tuple[str, ...] | None:
        """The scopes of a token that is asked for these, or for none in particular; None: it lacks one."""
        asked = set(wanted.split(" ")) if wanted else set(self.scopes)
        return tuple(sorted(asked)) if asked <= set(self.scopes) else None


def new_client(client_id: UUID, name: str, scopes: tuple[str, ...], secret: str, at: datetime) -> Client:
    """`name` is what operators call it. Raises `ActRefusedError`."""
    if not _NAME.fullmatch(name):
        raise ActRefusedError(
            "a name is a small letter and up to 63 letters, digits and dashes, no dash at the end"
        )
    if not scopes or not set(scopes) <= set(SCOPES):
        raise ActRefusedError(f"the scopes are {', '.join(SCOPES)}")
    return Client(client_id, name, tuple(sorted(set(scopes))), at, at, hash_secret(secret), at)


def is_secret_of(client: Client | None, secret: str, at: datetime) -> bool:
    """Whether one of its secrets that live is this one. No client takes the same work, and has none."""
    current = _NOBODYS if client is None else client.secret_hash
    older = None if client is None or client.older_ends(at) is None else client.older_secret_hash
    is_current, is_older = is_secret(secret, current), is_secret(secret, older or _NOBODYS)
    return is_current or is_older
