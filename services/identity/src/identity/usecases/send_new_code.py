"""The person asks for another code."""

from datetime import datetime
from uuid import UUID

from identity import errors
from identity.domain.keys import Keys
from identity.domain.limits import mails, retry_after
from identity.domain.network import Origin
from identity.domain.secret import is_secret
from identity.store import challenges
from identity.usecases.admit_network import admit_network
from identity.usecases.request_code import Requested, answer, mail_code
from newsreel_runtime.transaction import Tx


async def send_new_code(
    tx: Tx, challenge_id: UUID, secret: str, *, origin: Origin, keys: Keys, at: datetime
) -> Requested:
    """One more code of the challenge. Nothing is mailed that could not work.

    Raises `ServiceError`: 404 challenge-unknown, 410 challenge-over, 429 too-many-requests.
    """
    challenge = await challenges.lock(tx, challenge_id)
    if challenge is None or not is_secret(secret, challenge.secret_hash):
        raise errors.challenge_unknown()
    if challenge.is_over:
        raise errors.challenge_over()
    await admit_network(tx, origin, challenge.address_key, keys.buckets, at)
    code, hits = await mail_code(tx, challenge, keys, at)
    if code is None:
        if not challenge.was_just_renewed(at):
            raise errors.too_many_requests(retry_after(hits, mails(challenge.generation), at))
        code = challenge.latest
    return answer(challenge, secret, code, hits, at)
