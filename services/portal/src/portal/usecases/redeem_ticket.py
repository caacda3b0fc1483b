"""A ticket is followed to its bytes."""

from uuid import UUID

from portal.outbound_http import Delivery, Identity


async def redeem_ticket(
    identity: Identity, delivery: Delivery, session: str, grant_id: UUID, method: str
) -> str:
    """The signed URL for the session's account. Raises ServiceError 401 when the session is over."""
    access = await identity.access(session)
    return await delivery.signed_url(access.access_token, grant_id, method)
