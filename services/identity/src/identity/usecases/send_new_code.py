"""The person asks for another code."""

from datetime import datetime
from uuid import UUID

from identity import errors, outbound_events
from identity.domain.challenge import Generation
from identity.domain.limits import Buckets, resend_rules
from identity.domain.secret import is_secret
from identity.store import challenges, codes
from identity.usecases.request_code import Requested, requested, spend_mail
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.transaction import Tx


async def send_new_code(
    tx: Tx, challenge_id: UUID, secret: str, *, keys: KeyRing, buckets: Buckets, at: datetime
) -> Requested:
    """One more generation: the older codes live on, and the guess budget stays what it was.

    Raises `ServiceError`: 404 challenge-unknown, 429 too-many-requests.
    """
    challenge = await challenges.find(tx, challenge_id)
    if challenge is None or challenge.is_closed or not is_secret(secret, challenge.secret_hash):
        raise errors.challenge_unknown()
    bucket = buckets.mail(challenge.purpose, challenge.address_key)
    hits = await spend_mail(tx, bucket, resend_rules(challenge.generation), at)
    kid = keys.current[0]
    number = await codes.add_generation(tx, challenge_id, kid, at)
    if number is None:
        raise errors.challenge_unknown()
    code = Generation(number, kid, at)
    outbound_events.mail_requested(tx, challenge, code)
    return requested(challenge_id, secret, code, hits, at)
