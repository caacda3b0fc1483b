"""The password of a registration waits on its challenge until the code is proven."""

from uuid import UUID

from identity.store import challenges
from newsreel_runtime.transaction import Tx


async def keep_password(tx: Tx, challenge_id: UUID, password_hash: str) -> None:
    """Keep it; on a decoy too, which never uses it."""
    await challenges.keep_pending_hash(tx, challenge_id, password_hash)
