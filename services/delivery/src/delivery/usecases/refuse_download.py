"""A grant gave nothing: whoever keeps an audit hears why."""

from datetime import datetime, timedelta
from uuid import UUID

from delivery import outbound_events, store
from delivery.store import audit
from newsreel_runtime.database import Database
from newsreel_runtime.errors import ServiceError

# By the code of the problem. A session that is over, or somebody else's grant, is no refusal of a grant.
_REASONS = {
    "grant-revoked": "revoked",
    "rendition-unknown": "withdrawn",
    "video-withdrawn": "withdrawn",
    "video-withheld": "withheld",
    "account-not-active": "suspended",
    "link-expired": "expired",
    "ticket-revoked": "revoked",
    "ticket-expired": "expired",
}
_PAUSE = timedelta(hours=1)  # between two events of one grant for one reason, however often a client tries


async def refuse_download(
    database: Database, grant_id: UUID, problem: ServiceError, at: datetime, *, account_id: UUID | None = None
) -> None:
    """Say on the bus that the grant gave nothing, once an hour for each reason that is worth it.

    In a transaction of its own, as what was refused is rolled back. `account_id`: only of a grant of its own.
    """
    reason = _REASONS.get(problem.code)
    if reason is None:
        return
    async with database.begin() as tx:
        grant = await store.find_grant(tx.sql, grant_id)
        if grant is None or account_id not in {None, grant.account_id}:
            return
        if await store.note_refusal(tx, grant_id, reason, at, _PAUSE):
            outbound_events.download_refused(tx, grant, reason, at)
            audit.add(tx, "refused", grant, at, reason)
