"""A code is entered."""

from dataclasses import replace

from portal.domain.flow import Challenge, Flow
from portal.outbound_http import Identity


async def prove_address(
    identity: Identity, flow: Flow, challenge: Challenge, *, secret: str, code: str
) -> Flow:
    """The flow after a right code: an account that may sign in, or the right to set one new password.

    Never a session: the code proves the address and nothing else. Raises identity's ServiceError otherwise.
    """
    proven = await identity.verify(challenge.challenge_id, secret, code)
    if proven.purpose == "signup":
        return flow.used(replace(challenge, purpose="signup", state="done"))
    if challenge.state == "done":  # the code again, after the password was set
        return flow.used(challenge)
    return flow.used(replace(challenge, purpose="reset", state="proven", reset_token=proven.reset_token))
