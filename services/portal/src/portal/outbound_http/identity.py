"""Identity: accounts, challenges, sessions and access tokens. Addresses and secrets travel in bodies only."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import httpx

from portal.domain.accounts import Access, Origin, Session, SessionShown
from portal.domain.flow import Challenge, Purpose
from portal.domain.password_rule import PasswordRule
from portal.domain.progress import Progress
from portal.outbound_http.backend import Backend


@dataclass(frozen=True)
class _NewCode:
    code_expires_at: datetime

    @property
    def ends(self) -> datetime:
        """Its 30 minutes begin when the mail server took the mail, at most 30 after the request."""
        return self.code_expires_at + timedelta(minutes=30)


@dataclass(frozen=True)
class _Asked(_NewCode):
    challenge_id: UUID


@dataclass(frozen=True)
class Proven:
    """What a right code opened: nothing more for a sign-up, one new password for a reset."""

    purpose: Purpose
    reset_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class _Sessions:
    sessions: list[SessionShown]


@dataclass(frozen=True)
class _Subscription:
    newsletter: bool


class Identity:
    """Every method raises ServiceError: identity's problem, or 503 when it does not answer."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._backend = Backend("identity", client)

    async def register(
        self, address: str, password: str, locale: str, secret: str, *, origin: Origin
    ) -> Challenge:
        """Ask for an account; the answer is the same whether the address is known or not.

        The browser's secret goes on with its open challenge for the address, if there is one.
        """
        body = {"address": address, "password": password, "locale": locale, "challenge_secret": secret}
        headers = origin.headers
        asked = await self._backend.ask(_Asked, "POST", "/v1/registrations", json=body, headers=headers)
        return Challenge(asked.challenge_id, "signup", address, asked.ends)

    async def password_rule(self) -> PasswordRule:
        """What a new password must be, now."""
        return await self._backend.ask(PasswordRule, "GET", "/v1/password-policy")

    async def ask_reset(self, address: str, locale: str, secret: str, *, origin: Origin) -> Challenge:
        """Ask for a code to set a new password, as `register`."""
        body = {"address": address, "locale": locale, "challenge_secret": secret}
        headers = origin.headers
        asked = await self._backend.ask(_Asked, "POST", "/v1/resets", json=body, headers=headers)
        return Challenge(asked.challenge_id, "reset", address, asked.ends)

    async def send_new_code(self, challenge_id: UUID, secret: str, *, origin: Origin) -> datetime:
        """Ask for the next code of the challenge; when it ends. 429 when it is too early."""
        path = f"/v1/challenges/{challenge_id}/codes"
        body, headers = {"challenge_secret": secret}, origin.headers
        return (await self._backend.ask(_NewCode, "POST", path, json=body, headers=headers)).ends

    async def progress(self, challenge_id: UUID, secret: str) -> Progress:
        """What became of the newest mail; 404 when the challenge is not this browser's, or was purged."""
        path, headers = f"/v1/challenges/{challenge_id}", {"Newsreel-Challenge-Secret": secret}
        return await self._backend.ask(Progress, "GET", path, headers=headers)

    async def verify(self, challenge_id: UUID, secret: str, code: str) -> Proven:
        """Prove the address; 422 `code-refused` says no more than that the code does not count."""
        path = f"/v1/challenges/{challenge_id}/verification"
        body = {"challenge_secret": secret, "code": code}
        return await self._backend.ask(Proven, "POST", path, json=body)

    async def set_password(self, challenge_id: UUID, reset_token: str, password: str) -> None:
        """Set the new password; identity ends all sessions of the account before it answers."""
        body = {"reset_token": reset_token, "password": password}
        await self._backend.call("POST", f"/v1/resets/{challenge_id}/password", json=body)

    async def sign_in(
        self,
        address: str,
        password: str,
        *,
        origin: Origin,
        browser: str | None,
    ) -> Session:
        """Begin a session; 401 `sign-in-refused` is the same for every cause.

        Wrong passwords are counted for the network of `origin`, or for a browser that is known. `browser` is
        how the person will recognise it in the list.
        """
        body = {"address": address, "password": password} | _named(browser)
        headers = origin.headers
        return await self._backend.ask(Session, "POST", "/v1/sessions", json=body, headers=headers)

    async def sign_out(self, session: str) -> None:
        await self._backend.call("DELETE", "/v1/sessions/current", bearer=session)

    async def access(self, session: str) -> Access:
        """An access token for the session; 401 `session-ended` when it is dead."""
        return await self._backend.ask(Access, "POST", "/v1/tokens", bearer=session)

    async def subscribe(self, access_token: str, wording: str) -> bool:
        """Whether the account gets the newsletter now; `wording` is the version of what it agreed to."""
        body = {"wording": wording}
        held = await self._backend.ask(_Subscription, "PUT", "/v1/newsletter", bearer=access_token, json=body)
        return held.newsletter

    async def unsubscribe(self, access_token: str) -> bool:
        """Whether the account gets the newsletter now."""
        held = await self._backend.ask(_Subscription, "DELETE", "/v1/newsletter", bearer=access_token)
        return held.newsletter

    async def sessions(self, access_token: str) -> list[SessionShown]:
        """The account's sessions, the one that was used last first."""
        return (await self._backend.ask(_Sessions, "GET", "/v1/sessions", bearer=access_token)).sessions

    async def end_session(self, access_token: str, session_id: UUID) -> None:
        """End one of the account's; nothing when it is over already."""
        await self._backend.call("DELETE", f"/v1/sessions/{session_id}", bearer=access_token)

    async def sign_out_everywhere(self, access_token: str) -> None:
        await self._backend.call("DELETE", "/v1/sessions", bearer=access_token)

    async def change_name(self, access_token: str, name: str) -> None:
        """How the person wants to be called; an empty one takes it away. 422 `name-refused`."""
        await self._backend.call("PUT", "/v1/account/name", bearer=access_token, json={"name": name})

    async def change_language(self, access_token: str, language: str) -> None:
        """Mails are written in it from now on."""
        body = {"language": language}
        await self._backend.call("PUT", "/v1/account/language", bearer=access_token, json=body)

    async def export(self, access_token: str) -> bytes:
        """All that identity keeps of the person, as JSON."""
        return (await self._backend.call("GET", "/v1/account", bearer=access_token)).content

    async def change_password(
        self,
        access_token: str,
        password: str,
        new_password: str,
        *,
        origin: Origin,
        browser: str | None,
    ) -> Session:
        """Set another password; every session ends, and a new one begins. 422 as `delete_account`."""
        body = {"password": password, "new_password": new_password} | _named(browser)
        path, headers = "/v1/account/password", origin.headers
        return await self._backend.ask(Session, "POST", path, bearer=access_token, json=body, headers=headers)

    async def ask_address(
        self, access_token: str, password: str, address: str, secret: str, *, origin: Origin
    ) -> Challenge:
        """Ask for a code to have that address, as `register`. 422 as `delete_account`, or the address."""
        body = {"password": password, "address": address, "challenge_secret": secret}
        path, headers = "/v1/account/address", origin.headers
        asked = await self._backend.ask(_Asked, "POST", path, bearer=access_token, json=body, headers=headers)
        return Challenge(asked.challenge_id, "address", address, asked.ends)

    async def change_address(
        self,
        access_token: str,
        challenge_id: UUID,
        secret: str,
        code: str,
        *,
        origin: Origin,
        browser: str | None,
    ) -> Session:
        """Have that challenge's address; every session ends, and a new one begins. 422 as `verify`."""
        body = {"challenge_secret": secret, "code": code} | _named(browser)
        path, headers = f"/v1/account/address/{challenge_id}/verification", origin.headers
        return await self._backend.ask(Session, "POST", path, bearer=access_token, json=body, headers=headers)

    async def delete_account(self, access_token: str, password: str, *, origin: Origin) -> None:
        """Close the account; 422 `password-refused` for another password, which counts as one at sign-in."""
        headers = origin.headers
        path, body = "/v1/account/deletion", {"password": password}
        await self._backend.call("POST", path, bearer=access_token, json=body, headers=headers)

    async def leave_newsletter(self, token: str) -> None:
        """Unsubscribe by the link of a mail; 422 `unsubscribe-refused` when it is not one of ours."""
        await self._backend.call("POST", "/v1/newsletter/unsubscriptions", json={"token": token})


def _named(browser: str | None) -> dict[str, str]:
    return {} if browser is None else {"browser": browser}
