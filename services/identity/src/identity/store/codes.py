"""The generations of challenges' codes."""

from datetime import datetime
from uuid import UUID

from identity.domain.challenge import Fate
from newsreel_runtime.transaction import Tx


def record_accepted(tx: Tx, challenge_id: UUID, generation: int, accepted_at: datetime) -> None:
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


def record_fate(tx: Tx, challenge_id: UUID, generation: int, fate: Fate) -> None:
    """Nothing more is recorded of a mail that was taken."""
    tx.write(
        """
        UPDATE challenge_code SET mail = $3
        WHERE challenge_id = $1 AND generation = $2 AND accepted_at IS NULL
        """,
        challenge_id,
        generation,
        fate,
    )
