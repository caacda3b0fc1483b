"""What an account was granted, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from delivery import store
from delivery.domain.bearer_ticket import BearerTicket
from delivery.domain.download import Download
from delivery.domain.grant import Caller
from delivery.store.bearer_tickets import live_bearer_tickets
from delivery.usecases.check_account import check_account
from newsreel_runtime.sql import Sql


@dataclass(frozen=True)
class Page:
    """Some downloads with their bearer tickets that live, by grant.

    `next`: the grant after which the older ones begin; None at the end.
    """

    downloads: tuple[Download, ...]
    bearer_tickets: Mapping[UUID, tuple[BearerTicket, ...]]
    next: UUID | None


async def list_downloads(sql: Sql, caller: Caller, *, limit: int, cursor: UUID | None, at: datetime) -> Page:
    """At most `limit` of the caller's grants after `cursor`, revoked ones too.

    Raises `ServiceError`: session-ended, account-not-active.
    """
    await check_account(sql, caller)
    found = await store.list_downloads(sql, caller.account_id, cursor, limit + 1)
    shown = tuple(found[:limit])
    tickets = await live_bearer_tickets(sql, [download.grant_id for download in shown], at)
    return Page(shown, tickets, shown[-1].grant_id if len(found) > limit else None)
