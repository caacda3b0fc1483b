"""Bearer tickets: what is kept of them, by the grant that they are for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from delivery.domain.bearer_ticket import BearerTicket
from newsreel_runtime.sql import Sql
from newsreel_runtime.transaction import Tx

_COLUMNS = "ticket_id, grant_id, session_began, made_at, expires_at, used_at, revoked_at"
_USED = timedelta(minutes=1)  # how exact the time of the last use is: a download of many parts writes it once


async def hold_grant(tx: Tx, grant_id: UUID, account_id: UUID) -> None:
    """Keep all others from making tickets of the account's grant, or revoking it, until the commit."""
    await tx.sql.execute(
        "SELECT 1 FROM download_grant WHERE grant_id = $1 AND account_id = $2 FOR UPDATE",
        grant_id,
        account_id,
    )


def save_bearer_ticket(tx: Tx, ticket: BearerTicket, bearer_sha256: bytes) -> None:
    tx.write(
        """
        INSERT INTO bearer_ticket (ticket_id, grant_id, bearer_sha256, session_began, made_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        ticket.ticket_id,
        ticket.grant_id,
        bearer_sha256,
        ticket.session_began,
        ticket.made_at,
        ticket.expires_at,
    )


async def find_bearer_ticket(sql: Sql, bearer_sha256: bytes) -> BearerTicket | None:
    """A ticket by its bearer, over or not."""
    row = await sql.fetchrow(f"SELECT {_COLUMNS} FROM bearer_ticket WHERE bearer_sha256 = $1", bearer_sha256)  # noqa: S608 (ours)
    return None if row is None else BearerTicket(**row)


async def live_bearer_tickets(
    sql: Sql, grant_ids: Sequence[UUID], at: datetime
) -> Mapping[UUID, tuple[BearerTicket, ...]]:
    """What gives the file of each grant at `at`, oldest first, if its account and its grant do."""
    rows = await sql.fetch(
        f"SELECT {_COLUMNS} FROM bearer_ticket"  # noqa: S608 (ours)
        " WHERE grant_id = ANY ($1::uuid[]) AND revoked_at IS NULL AND expires_at > $2 ORDER BY ticket_id",
        list(grant_ids),
        at,
    )
    found: dict[UUID, tuple[BearerTicket, ...]] = defaultdict(tuple)
    for row in rows:
        found[row["grant_id"]] += (BearerTicket(**row),)
    return found


async def revoke_bearer_ticket(tx: Tx, grant_id: UUID, ticket_id: UUID, at: datetime) -> bool:
    """End it; false, and nothing done, when it is revoked already or the grant has none of that id."""
    return bool(
        await tx.sql.fetchval(
            """
            UPDATE bearer_ticket SET revoked_at = $3
            WHERE ticket_id = $2 AND grant_id = $1 AND revoked_at IS NULL RETURNING true
            """,
            grant_id,
            ticket_id,
            at,
        )
    )


async def has_bearer_ticket(sql: Sql, grant_id: UUID, ticket_id: UUID) -> bool:
    """Whether the grant has one of that id, over or not."""
    asked = "SELECT EXISTS (SELECT FROM bearer_ticket WHERE ticket_id = $2 AND grant_id = $1)"
    return bool(await sql.fetchval(asked, grant_id, ticket_id))


def note_use(tx: Tx, ticket: BearerTicket, at: datetime) -> None:
    """Keep when it was used last, to the minute."""
    if ticket.used_at is None or at >= ticket.used_at + _USED:
        tx.write("UPDATE bearer_ticket SET used_at = $2 WHERE ticket_id = $1", ticket.ticket_id, at)


async def forget_bearer_tickets(tx: Tx, kept: timedelta, limit: int) -> int:
    """Delete up to `limit` of them that expired longer than `kept` ago; returns how many."""
    status: str = await tx.sql.execute(
        """
        DELETE FROM bearer_ticket WHERE ticket_id IN (
            SELECT ticket_id FROM bearer_ticket WHERE expires_at < now() - $1::interval
            LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,
        kept,
        limit,
    )
    return int(status.rpartition(" ")[2])
