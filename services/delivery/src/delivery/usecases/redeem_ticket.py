"""A person follows a ticket."""

from datetime import datetime
from uuid import UUID

from delivery import errors, store
from delivery.domain.grant import Caller, Grant, Rendition
from delivery.usecases.check_account import check_account
from delivery.usecases.check_rendition import check_rendition
from delivery.usecases.record_redemption import record_redemption
from delivery.usecases.refuse_download import refuse_download
from newsreel_runtime.database import Database
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.sql import Sql


async def redeem_ticket(
    database: Database, caller: Caller, grant_id: UUID, at: datetime, *, seconds: int, record: bool
) -> tuple[Grant, Rendition]:
    """The grant, and its rendition that may be taken. `record`: say on the bus that it was asked for, once in
    `seconds`, so that a download by sixteen connections counts as one; or that it was refused.

    Raises `ServiceError`: session-ended, account-not-active, grant-unknown, grant-revoked,
    rendition-unknown, video-withheld, video-withdrawn.
    """
    try:
        async with database.begin() as tx:
            grant, rendition = await may_take(tx.sql, caller, grant_id)
            if record:
                await record_redemption(tx, grant, at, seconds)
    except ServiceError as problem:
        if record:
            await refuse_download(database, grant_id, problem, at, account_id=caller.account_id)
        raise
    return grant, rendition


async def may_take(sql: Sql, caller: Caller, grant_id: UUID) -> tuple[Grant, Rendition]:
    """The caller's grant, and its rendition. Raises as `redeem_ticket` does."""
    await check_account(sql, caller)
    grant = await store.find_grant(sql, grant_id)
    if grant is None or grant.account_id != caller.account_id:
        raise errors.grant_unknown()
    if grant.is_revoked:
        raise errors.grant_revoked()
    return grant, await check_rendition(sql, await store.find_rendition(sql, grant.rendition_id))
