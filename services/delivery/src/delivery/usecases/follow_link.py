"""A signed URL comes to the edge: its signature and its times are good."""

from datetime import datetime
from uuid import UUID

from delivery import errors, store
from delivery.domain.grant import Caller, Grant, Rendition, Standing, standing
from delivery.usecases.check_rendition import check_rendition
from newsreel_runtime.sql import Sql


async def follow_link(
    sql: Sql, grant_id: UUID, rendition_id: UUID, issued_at: datetime, ticket: str
) -> tuple[Grant, Rendition]:
    """The grant, and its rendition that may be taken. Access that ends ends the URLs that were signed before.

    Raises `ServiceError`: grant-revoked, account-not-active, link-expired (the account's sessions were ended
    since: `ticket` asks to sign in), rendition-unknown, video-withheld, video-withdrawn.
    """
    grant = await store.find_grant(sql, grant_id)
    rendition = await store.find_rendition(sql, rendition_id)
    if grant is None:
        raise errors.rendition_unknown()
    if grant.is_revoked:
        raise errors.grant_revoked()
    judged = standing(await store.find_account(sql, grant.account_id), Caller(grant.account_id, issued_at))
    if judged is Standing.NOT_ACTIVE:
        raise errors.account_not_active()
    if judged is Standing.SESSION_ENDED:
        raise errors.link_expired(ticket)
    return grant, await check_rendition(sql, rendition)
