"""A program follows a bearer ticket: the address is all that it has."""

from collections.abc import Callable
from datetime import datetime

from delivery import errors, store
from delivery.domain.bearer_ticket import BearerTicket, hash_bearer, is_bearer
from delivery.domain.grant import Caller, Grant, Rendition, Standing, standing
from delivery.store import bearer_tickets
from delivery.usecases.check_rendition import check_rendition
from delivery.usecases.record_redemption import record_redemption
from delivery.usecases.refuse_download import refuse_download
from newsreel_runtime.database import Database
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.sql import Sql


async def redeem_bearer(
    database: Database,
    bearer: str,
    at: datetime,
    *,
    seconds: int,
    record: bool,
    ticket_url: Callable[[object], str],
) -> tuple[Grant, Rendition]:
    """The grant, and its rendition that may be taken; `seconds` and `record` as in `redeem_ticket`.

    Raises `ServiceError`: ticket-refused, one answer to all that was never given out or is long over;
    ticket-revoked, ticket-expired, grant-revoked, account-not-active, rendition-unknown, video-withheld,
    video-withdrawn.
    """
    if not is_bearer(bearer):
        raise errors.ticket_refused()
    async with database.read() as sql:
        ticket = await bearer_tickets.find_bearer_ticket(sql, hash_bearer(bearer))
    if ticket is None:
        raise errors.ticket_refused()
    try:
        async with database.begin() as tx:
            grant, rendition = await _may_take(tx.sql, ticket, at, ticket_url(ticket.grant_id))
            if record:
                bearer_tickets.note_use(tx, ticket, at)
                await record_redemption(tx, grant, at, seconds, "bearer-ticket")
    except ServiceError as problem:
        if record:
            await refuse_download(database, ticket.grant_id, problem, at)
        raise
    return grant, rendition


async def _may_take(sql: Sql, ticket: BearerTicket, at: datetime, url: str) -> tuple[Grant, Rendition]:
    if ticket.revoked_at is not None:
        raise errors.ticket_revoked(url)
    if at >= ticket.expires_at:
        raise errors.ticket_expired(url)
    grant = await store.find_grant(sql, ticket.grant_id)
    if grant is None:
        raise errors.ticket_refused()
    if grant.is_revoked:
        raise errors.grant_revoked()
    judged = standing(
        await store.find_account(sql, grant.account_id), Caller(grant.account_id, ticket.session_began)
    )
    if judged is Standing.NOT_ACTIVE:
        raise errors.account_not_active()
    if judged is Standing.SESSION_ENDED:
        raise errors.ticket_expired(url)
    return grant, await check_rendition(sql, await store.find_rendition(sql, grant.rendition_id))
