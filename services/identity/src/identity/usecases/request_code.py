"""What a person gets who asked for a mail, and the limits of asking; shared by the use cases that do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from identity import errors
from identity.domain.challenge import Generation
from identity.domain.limits import Rule, free_at, resend_rules, whole_seconds
from identity.store import allowances
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Requested:
    """A mail is on its way. It is the same for every address."""

    challenge_id: UUID
    challenge_secret: str = field(repr=False)
    resend_after_seconds: int
    code_expires_at: datetime


async def spend_mail(tx: Tx, bucket: bytes, rules: Sequence[Rule], at: datetime) -> tuple[datetime, ...]:
    """Use one mail of the address's budget up and say which it had. Raises `ServiceError` 429."""
    spent = await allowances.spend(tx, bucket, rules, at)
    if not spent.is_allowed:
        raise errors.too_many_requests(whole_seconds(free_at(spent.hits, rules, at) - at))
    return spent.hits


def requested(
    challenge_id: UUID, secret: str, code: Generation, hits: tuple[datetime, ...], at: datetime
) -> Requested:
    """What is true of the code now, before the mail server took it."""
    wait = free_at(hits, resend_rules(code.number), at) - at
    return Requested(challenge_id, secret, whole_seconds(wait), code.expires_at)
