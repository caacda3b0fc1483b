"""The newsletter button is pressed."""

from portal.outbound_http import Identity


async def set_newsletter(identity: Identity, session: str, wanted: bool) -> bool:
    """Whether the account has the newsletter now. Raises ServiceError 401 when the session is over."""
    access = await identity.access(session)
    return await identity.set_newsletter(access.access_token, wanted)
