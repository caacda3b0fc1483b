"""What waits for the audit is added to its chain, by one process at a time."""

import logging

from delivery.domain.audit import Record, append
from delivery.store import audit
from newsreel_runtime.clock import now
from newsreel_runtime.failpoints import fail_point
from newsreel_runtime.transaction import Tx

_log = logging.getLogger(__name__)


async def chain_audit(tx: Tx, limit: int) -> int:
    """Add up to `limit` entries; returns how many. None while another process is at it.

    Entries come in the order of their writing. One that commits after another was written before that is
    taken later, and none is passed over: nothing remembers up to where it has read.
    """
    if not await audit.lead(tx):
        return 0
    last, at = await audit.end(tx.sql), now()
    records: list[Record] = []
    for entry in await audit.take_waiting(tx, limit):
        records.append(append(records[-1].place if records else last, entry, at))
    if not records:
        return 0
    await audit.append(tx, records)
    await tx.sql.flush()
    fail_point("audit.chained")
    if last.number and records[0].day != last.day:
        # Whoever keeps the log has a hash that the database cannot take back.
        known = {"day": str(last.day), "records": last.number, "hash": last.hash}
        _log.info("a day of the audit is over", extra=known)
    return len(records)
