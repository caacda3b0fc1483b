"""Identity: accounts, challenges, sessions and access tokens. Addresses and secrets travel in bodies only."""

from dataclasses import dataclass, field
from uuid import UUID

import httpx
from pydantic import TypeAdapter

from portal.domain.accounts import Access, Session
from portal.domain.flow import Challenge, Purpose
from portal.outbound_http.backend import Backend


@dataclass(frozen=True)
class _Asked:
    challenge_id: UUID
    challenge_secret: str = field(repr=False)


@dataclass(frozen=True)
class Proven:
    """What a right code opened: nothing more for a sign-up, one new password for a reset."""

    purpose: Purpose
    reset_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Subscription:
    newsletter: bool


_ASKED = TypeAdapter(_Asked)
_PROVEN = TypeAdapter(Proven)
_SESSION = TypeAdapter(Session)
_ACCESS = TypeAdapter(Access)
_SUBSCRIPTION = TypeAdapter(_Subscription)


class Identity:
    """Every method raises ServiceError: identity's problem, or 503 when it does not answer."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._backend = Backend("identity", client)

    async def register(self, address: str, password: str, locale: str) -> Challenge:
        """Ask for an account; the answer is the same whether the address is known or not."""
        body = {"address": address, "password": password, "locale": locale}
        response = await self._backend.call("POST", "/v1/registrations", body=body)
        asked = self._backend.understood(_ASKED, response)
        return Challenge(asked.challenge_id, asked.challenge_secret, "signup")

    async def ask_reset(self, address: str, locale: str) -> Challenge:
        """Ask for a code to set a new password; the answer is the same for every address."""
        response = await self._backend.call("POST", "/v1/resets", body={"address": address, "locale": locale})
        asked = self._backend.understood(_ASKED, response)
        return Challenge(asked.challenge_id, asked.challenge_secret, "reset")

    async def send_new_code(self, challenge: Challenge) -> None:
        """Ask for the next code of the challenge; 429 when it is too early."""
        path = f"/v1/challenges/{challenge.challenge_id}/codes"
        await self._backend.call("POST", path, body={"challenge_secret": challenge.secret})

    async def verify(self, challenge: Challenge, code: str) -> Proven:
        """Prove the address; 422 `code-refused` says no more than that the code does not count."""
        path = f"/v1/challenges/{challenge.challenge_id}/verification"
        body = {"challenge_secret": challenge.secret, "code": code}
        return self._backend.understood(_PROVEN, await self._backend.call("POST", path, body=body))

    async def set_password(self, challenge_id: UUID, reset_token: str, password: str) -> None:
        """Set the new password; identity ends all sessions of the account before it answers."""
        body = {"reset_token": reset_token, "password": password}
        await self._backend.call("POST", f"/v1/resets/{challenge_id}/password", body=body)

    async def sign_in(self, address: str, password: str) -> Session:
        """Begin a session; 401 `sign-in-refused` is the same for every cause."""
        body = {"address": address, "password": password}
        return self._backend.understood(_SESSION, await self._backend.call("POST", "/v1/sessions", body=body))

    async def sign_out(self, session: str) -> None:
        """End the session."""
        await self._backend.call("DELETE", "/v1/sessions/current", bearer=session)

    async def access(self, session: str) -> Access:
        """An access token for the session; 401 `session-ended` when it is dead."""
        return self._backend.understood(
            _ACCESS, await self._backend.call("POST", "/v1/tokens", bearer=session)
        )

    async def set_newsletter(self, access_token: str, wanted: bool) -> bool:
        """Subscribe or unsubscribe the account; returns what holds now."""
        method = "PUT" if wanted else "DELETE"
        response = await self._backend.call(method, "/v1/newsletter", bearer=access_token)
        return self._backend.understood(_SUBSCRIPTION, response).newsletter
