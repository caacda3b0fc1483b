"""The generations of challenges' codes."""

from datetime import datetime
from uuid import UUID

from identity.domain.challenge import CODE_CAP
from newsreel_runtime.transaction import Tx


async def add_generation(tx: Tx, challenge_id: UUID, kid: str, at: datetime) -> int | None:
    """The number of the challenge's next code; nothing when the challenge is over."""
    number: int | None = await tx.sql.fetchval(
        """
        WITH renewed AS (
            UPDATE challenge SET generation = generation + 1, purge_after = greatest(purge_after, $4)
            WHERE challenge_id = $1 AND closed_at IS NULL RETURNING generation),
        code AS (
            INSERT INTO challenge_code (challenge_id, generation, kid, requested_at)
            SELECT $1, generation, $2, $3 FROM renewed)
        SELECT generation FROM renewed
        """,
        challenge_id,
        kid,
        at,
        at + CODE_CAP,
    )
    return number


async def record_accepted(tx: Tx, challenge_id: UUID, generation: int, accepted_at: datetime) -> None:
    """The mail server took this generation's mail; only the first time counts."""
    tx.write(
        """
        UPDATE challenge_code SET accepted_at = $3
        WHERE challenge_id = $1 AND generation = $2 AND accepted_at IS NULL
        """,
        challenge_id,
        generation,
        accepted_at,
    )
