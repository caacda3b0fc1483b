"""The mail server took a mail: the 30 minutes of its code begin."""

from datetime import datetime
from uuid import UUID

from identity.store import codes
from newsreel_runtime.transaction import Tx

_CODES = frozenset({"signup_code", "reset_code"})


async def record_acceptance(
    tx: Tx, challenge_id: UUID, generation: int, kind: str, accepted_at: datetime
) -> None:
    """Note it; notices have no code, and a purged challenge needs none."""
    if kind in _CODES:
        await codes.record_accepted(tx, challenge_id, generation, accepted_at)
