"""Somebody wants the file where there is no session: with curl, wget, aria2, or on another machine."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from delivery import errors
from delivery.domain.bearer_ticket import MOST_LIVE, BearerTicket, hash_bearer, new_bearer
from delivery.domain.grant import Caller, Rendition
from delivery.store import audit, bearer_tickets
from delivery.usecases.redeem_ticket import may_take
from newsreel_runtime.ids import new_id
from newsreel_runtime.transaction import Tx


@dataclass(frozen=True)
class Made:
    """The ticket, and its bearer, which nobody is told a second time."""

    ticket: BearerTicket
    bearer: str = field(repr=False)
    rendition: Rendition


async def make_bearer_ticket(tx: Tx, caller: Caller, grant_id: UUID, seconds: int, at: datetime) -> Made:
    """A ticket of the caller's grant that lives `seconds`.

    Raises `ServiceError`: session-ended, account-not-active, grant-unknown, grant-revoked, rendition-unknown,
    video-withheld, video-withdrawn, tickets-too-many.
    """
    await bearer_tickets.hold_grant(tx, grant_id, caller.account_id)
    grant, rendition = await may_take(tx.sql, caller, grant_id)
    live = await bearer_tickets.live_bearer_tickets(tx.sql, [grant_id], at)
    if len(live.get(grant_id, ())) >= MOST_LIVE:
        raise errors.tickets_too_many(MOST_LIVE)
    bearer = new_bearer()
    ticket = BearerTicket(
        new_id(), grant.grant_id, caller.session_began, made_at=at, expires_at=at + timedelta(seconds=seconds)
    )
    bearer_tickets.save_bearer_ticket(tx, ticket, hash_bearer(bearer))
    audit.add(tx, "ticket-made", grant, at)
    return Made(ticket, bearer, rendition)
