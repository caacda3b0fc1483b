"""The person waits for the mail: what became of it, and of the request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from identity import errors
from identity.domain.challenge import Challenge
from identity.domain.keys import Keys
from identity.domain.limits import free_at, mails, retry_after
from identity.domain.secret import is_secret
from identity.store import allowances, challenges
from newsreel_runtime.sql import Sql

State = Literal["queued", "accepted", "delayed", "bounced", "earlier", "expired", "over"]


@dataclass(frozen=True)
class Progress:
    """The same for every address: the mail to a stranger's address is a real one, too.

    `code_expires_at` is the end of the newest code; at `resend_after_seconds` 0 a new one may be asked for.
    """

    state: State
    code_expires_at: datetime
    resend_after_seconds: int


async def tell_progress(sql: Sql, challenge_id: UUID, secret: str, keys: Keys, at: datetime) -> Progress:
    """Raises `ServiceError` 404 challenge-unknown: for another browser, too."""
    challenge = await challenges.find(sql, challenge_id)
    if challenge is None or not is_secret(secret, challenge.secret_hash):
        raise errors.challenge_unknown()
    hits = await allowances.hits_of(sql, keys.buckets.mail(challenge.purpose, challenge.address_key))
    limit = mails(challenge.generation)
    wait = retry_after(hits, limit, at) if free_at(hits, limit, at) > at else 0
    return Progress(_state(challenge, at), challenge.latest.expires_at, wait)


def _state(challenge: Challenge, at: datetime) -> State:
    newest = challenge.latest
    if challenge.is_over:
        return "over"
    if newest.mail == "earlier":
        return "earlier"
    if at >= max(generation.expires_at for generation in challenge.generations):
        return "expired"
    return "accepted" if newest.accepted_at is not None else newest.mail or "queued"
