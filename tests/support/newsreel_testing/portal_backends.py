"""The three services behind the portal, in memory: bodies are made with the services' own representations."""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
from pydantic import BaseModel

from delivery.representations import GrantBody, RenditionBody
from identity import errors as identity_errors
from identity.representations import (
    AccountOfToken,
    CodeRequested,
    NewCodeRequested,
    Newsletter,
    SessionStarted,
    TokenIssued,
    Verified,
)
from newsreel_runtime.errors import FieldError, ServiceError
from newsreel_runtime.http.problems import response as problem

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CODE = "12345678"
PASSWORD = "Correct-horse-9"
ADDRESS = "reporter@example.org"


@dataclass
class Backend(httpx.AsyncBaseTransport):
    """A transport that answers by itself; `away` makes it silent, `forced` answers everything."""

    away: bool = False
    forced: httpx.Response | None = None
    asked: list[httpx.Request] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        if self.away:
            raise httpx.ConnectError("away", request=request)
        if self.forced is not None:
            forced = self.forced
            return httpx.Response(forced.status_code, headers=forced.headers, content=forced.content)
        try:
            return self.answer(request, json.loads(request.content or b"{}"))
        except ServiceError as error:
            refusal = problem(error)
            return httpx.Response(
                refusal.status_code, headers=dict(refusal.headers), content=bytes(refusal.body)
            )

    def answer(self, request: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        """What the service answers."""
        raise NotImplementedError

    def urls(self) -> str:
        """All addresses that were asked, as a log would show them."""
        return " ".join(str(request.url) for request in self.asked)


def said(status: int, body: BaseModel | dict[str, Any]) -> httpx.Response:
    """A JSON answer."""
    text = body.model_dump_json() if isinstance(body, BaseModel) else json.dumps(body)
    return httpx.Response(status, headers={"Content-Type": "application/json"}, content=text.encode())


def bearer(request: httpx.Request) -> str:
    """The token of the request, or nothing."""
    return str(request.headers.get("authorization", "")).removeprefix("Bearer ")


@dataclass
class FakeIdentity(Backend):
    """Accounts by address. Every code is `CODE`; a new code may be asked for once, then it is too early."""

    passwords: dict[str, str] = field(default_factory=dict)
    newsletter: set[str] = field(default_factory=set)
    sessions: dict[str, str] = field(default_factory=dict)
    challenges: dict[UUID, tuple[str, str, str, str]] = field(default_factory=dict)
    resets: dict[str, str] = field(default_factory=dict)
    new_codes: int = 0

    def account(self, address: str = ADDRESS, password: str = PASSWORD) -> None:
        """Somebody who is registered already."""
        self.passwords[address] = password

    def answer(self, request: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        routes = {
            "POST /v1/registrations": self._register,
            "POST /v1/resets": self._ask_reset,
            "POST /v1/challenges/*/codes": self._new_code,
            "POST /v1/challenges/*/verification": self._verify,
            "POST /v1/resets/*/password": self._set_password,
            "POST /v1/sessions": self._sign_in,
            "DELETE /v1/sessions/current": self._sign_out,
            "POST /v1/tokens": self._token,
            "PUT /v1/newsletter": self._set_newsletter,
            "DELETE /v1/newsletter": self._set_newsletter,
        }
        return routes[f"{request.method} {_ID.sub('*', request.url.path)}"](request, body)

    def _register(self, _: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        self._check(body["address"], body["password"])
        return self._challenge("signup", body["address"], body["password"])

    def _ask_reset(self, _: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        self._check(body["address"], PASSWORD)
        return self._challenge("reset", body["address"], "")

    def _sign_out(self, request: httpx.Request, _: dict[str, Any]) -> httpx.Response:
        self._whose(bearer(request))
        del self.sessions[bearer(request)]
        return httpx.Response(204)

    def _set_newsletter(self, request: httpx.Request, _: dict[str, Any]) -> httpx.Response:
        address = bearer(request).removeprefix("token.").replace(".at.", "@")
        wanted = request.method == "PUT"
        (self.newsletter.add if wanted else self.newsletter.discard)(address)
        return said(200, Newsletter(newsletter=wanted))

    def _check(self, address: str, password: str) -> None:
        refusals = (
            [] if len(password) >= 12 else [FieldError("password", "too-short", "Use 12 characters or more.")]
        )
        if not any(one.isdigit() for one in password):
            refusals.append(FieldError("password", "needs-digit", "Add a digit."))
        if "@" not in address:
            raise identity_errors.address_refused(refusals)
        if refusals:
            raise identity_errors.password_refused(refusals)

    def _challenge(self, purpose: str, address: str, password: str) -> httpx.Response:
        challenge, secret = uuid4(), secrets.token_urlsafe(16)
        self.challenges[challenge] = (purpose, secret, address, password)
        return said(
            202,
            CodeRequested(
                challenge_id=challenge,
                challenge_secret=secret,
                resend_after_seconds=30,
                code_expires_at=_soon(),
            ),
        )

    def _new_code(self, request: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        challenge = _id_in(request)
        assert self.challenges[challenge][1] == body["challenge_secret"]
        self.new_codes += 1
        if self.new_codes > 1:
            raise identity_errors.too_many_requests(29)
        return said(202, NewCodeRequested(resend_after_seconds=60, code_expires_at=_soon()))

    def _verify(self, request: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        challenge = _id_in(request)
        purpose, secret, address, password = self.challenges[challenge]
        if (body["challenge_secret"], body["code"]) != (secret, CODE):
            raise identity_errors.code_refused()
        if purpose == "signup":
            self.passwords[address] = password
            return said(200, Verified(purpose="signup"))
        token = secrets.token_urlsafe(16)
        self.resets[token] = address
        return said(200, Verified(purpose="reset", reset_token=token, reset_expires_at=_soon()))

    def _set_password(self, _: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        if body["reset_token"] not in self.resets:
            raise identity_errors.reset_refused()
        address = self.resets[body["reset_token"]]
        self._check(address, body["password"])
        self.passwords[address] = body["password"]
        self.sessions = {token: whose for token, whose in self.sessions.items() if whose != address}
        return httpx.Response(204)

    def _sign_in(self, _: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        if self.passwords.get(body["address"]) != body["password"]:
            raise identity_errors.sign_in_refused()
        session = secrets.token_urlsafe(32)
        self.sessions[session] = body["address"]
        return said(201, SessionStarted(session=session, expires_at=_soon()))

    def _whose(self, session: str) -> str:
        if session not in self.sessions:
            raise identity_errors.session_ended()
        return self.sessions[session]

    def _token(self, request: httpx.Request, _: dict[str, Any]) -> httpx.Response:
        address = self._whose(bearer(request))
        account = AccountOfToken(account_id=uuid4(), address=address, newsletter=address in self.newsletter)
        token = f"token.{address}".replace("@", ".at.")
        return said(200, TokenIssued(access_token=token, expires_in=300, account=account))


def _id_in(request: httpx.Request) -> UUID:
    found = _ID.search(request.url.path)
    assert found is not None
    return UUID(found[0])


def _soon() -> datetime:
    return datetime.now(UTC) + timedelta(minutes=30)


@dataclass
class FakeDelivery(Backend):
    """Grants for the renditions in `known`; `refusal` answers every grant when it is set."""

    known: set[tuple[str, str]] = field(default_factory=set)
    grants: dict[str, str] = field(default_factory=dict)
    refusal: Callable[[], ServiceError] | None = None

    def answer(self, request: httpx.Request, body: dict[str, Any]) -> httpx.Response:
        from delivery import errors

        token = bearer(request)
        if not token.startswith("token."):
            raise errors.session_ended()
        if self.refusal is not None:
            raise self.refusal()
        if request.method == "POST":
            if (body["video_id"], body["rendition_id"]) not in self.known:
                raise errors.rendition_unknown()
            grant = uuid4()
            self.grants[str(grant)] = token
            rendition = RenditionBody(file="a.mp4", size_bytes=1, sha256="0" * 64, media_type="video/mp4")
            return said(201, GrantBody(grant_id=grant, ticket=f"/download/{grant}", rendition=rendition))
        grant_id = request.url.path.rpartition("/")[2]
        if self.grants.get(grant_id) != token:
            raise errors.grant_unknown()
        return httpx.Response(307, headers={"Location": f"https://media.test/r/x/a.mp4?s={grant_id}"})
