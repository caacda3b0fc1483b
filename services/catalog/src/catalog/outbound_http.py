"""What the catalog asks identity: whether an editor's session still stands.

A token lives for five minutes; who lost a role or the account must not withdraw a video in them. Editors are
few: one call for each of their requests is no load, and no reader's request makes one.
"""

import logging

import httpx

from catalog import errors

_log = logging.getLogger(__name__)
_PATH = "/v1/sessions"  # refused once the session, its account or its roles were changed


class Identity:
    """Identity, through a client of its origin."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def check_standing(self, authorization: str) -> None:
        """Raises `ServiceError`: 401 session-ended, 503 while nobody can say."""
        try:
            answer = await self._client.get(_PATH, headers={"Authorization": authorization})
        except httpx.TransportError as error:
            _log.warning("identity does not answer: %s", type(error).__qualname__)
            raise errors.identity_away() from None
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise errors.session_ended()
        if not answer.is_success:
            _log.warning("identity answered %d", answer.status_code)
            raise errors.identity_away()
