"""What an account was granted, newest first."""

from dataclasses import dataclass
from uuid import UUID

from delivery import store
from delivery.domain.download import Download
from delivery.domain.grant import Caller
from delivery.usecases.check_account import check_account
from newsreel_runtime.sql import Sql


@dataclass(frozen=True)
class Page:
    """Some downloads, and the grant after which the older ones begin; None at the end."""

    downloads: tuple[Download, ...]
    next: UUID | None


async def list_downloads(sql: Sql, caller: Caller, *, limit: int, cursor: UUID | None) -> Page:
    """At most `limit` of the caller's grants after `cursor`, revoked ones too.

    Raises `ServiceError`: session-ended, account-not-active.
    """
    await check_account(sql, caller)
    found = await store.list_downloads(sql, caller.account_id, cursor, limit + 1)
    shown = tuple(found[:limit])
    return Page(shown, shown[-1].grant_id if len(found) > limit else None)
