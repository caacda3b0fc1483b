"""A code is entered."""

from dataclasses import replace

from portal.domain.flow import Challenge, Flow, Reset
from portal.outbound_http import Identity


async def prove_address(identity: Identity, flow: Flow, challenge: Challenge, code: str) -> Flow:
    """The flow after a right code: an account that may sign in, or the right to set one new password.

    Never a session: the code proves the address and nothing else. Raises identity's ServiceError otherwise.
    """
    proven = await identity.verify(challenge, code)
    if proven.reset_token is None:
        return replace(flow, challenge=None, registered=True)
    return replace(flow, challenge=None, reset=Reset(challenge.challenge_id, proven.reset_token))
