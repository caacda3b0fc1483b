"""A press on Download."""

from uuid import UUID

from portal.outbound_http import Delivery, Identity


async def take_rendition(
    identity: Identity, delivery: Delivery, session: str, video_id: UUID, rendition_id: UUID
) -> UUID:
    """The grant that lets the session's account take the rendition.

    Raises ServiceError 401 when the session is over, whichever service says so.
    """
    access = await identity.access(session)
    return await delivery.grant(access.access_token, video_id, rendition_id)
