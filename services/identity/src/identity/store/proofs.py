"""What a proven code opens and what it closes."""

from datetime import datetime
from uuid import UUID

from identity.domain.challenge import RESET_LIFE, Challenge
from newsreel_runtime.transaction import Tx


async def close_all(tx: Tx, account_id: UUID, proven: UUID | None, at: datetime) -> None:
    """The account got its password, by the challenge `proven` if by one: close its other codes and resets."""
    await tx.sql.execute(
        """
        UPDATE challenge SET
            closed_at = coalesce(closed_at, $3),
            pending_password_hash = NULL,
            proven_at = CASE WHEN challenge_id = $2 THEN coalesce(proven_at, $3) ELSE proven_at END,
            password_set_at = CASE WHEN challenge_id = $2 THEN $3 ELSE password_set_at END,
            reset_token_hash = CASE WHEN challenge_id = $2 THEN reset_token_hash END
        WHERE account_id = $1 AND (closed_at IS NULL OR reset_token_hash IS NOT NULL)
        """,
        account_id,
        proven,
        at,
    )


async def open_password(tx: Tx, challenge: Challenge, token_hash: bytes, at: datetime) -> datetime:
    """The reset code was proven: the token may set a password until the returned moment.

    Other reset challenges of the account die.
    """
    until = at + RESET_LIFE
    await tx.sql.execute(
        """
        UPDATE challenge SET
            closed_at = coalesce(closed_at, $3),
            proven_at = CASE WHEN challenge_id = $2 THEN $3 ELSE proven_at END,
            address = CASE WHEN challenge_id = $2 THEN $6 ELSE address END,
            reset_token_hash = CASE WHEN challenge_id = $2 THEN $4::bytea END,
            reset_expires_at = CASE WHEN challenge_id = $2 THEN $5::timestamptz END,
            purge_after = CASE WHEN challenge_id = $2 THEN greatest(purge_after, $5) ELSE purge_after END
        WHERE account_id = $1 AND purpose = 'reset'
        """,
        challenge.account_id,
        challenge.challenge_id,
        at,
        token_hash,
        until,
        challenge.address,
    )
    return until
