"""Access tokens for programs: the client credentials grant (RFC 6749 §4.4), which has its own refusals."""

from base64 import b64decode
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote_plus
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials
from fastapi.security.http import HTTPBase

from identity import errors
from identity.domain.access_token import LIFE_SECONDS
from identity.inbound_http.dependencies import Dependencies, origin_of
from identity.representations import ClientTokenIssued, ClientTokenRefused, ClientTokenRequest
from identity.usecases.issue_client_token import ClientClaim, issue_client_token
from newsreel_runtime.clock import now
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.problems import documented

_FORM = "application/x-www-form-urlencoded"
_GRANT = "client_credentials"
_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}  # RFC 6749 §5.1
_REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": ClientTokenRefused, "description": "As RFC 6749 §5.2 says"},
    401: {"model": ClientTokenRefused, "description": "`invalid_client`"},
}
_basic = HTTPBase(scheme="basic", scheme_name="ClientSecret", auto_error=False)


def create_router(dependencies: Dependencies) -> APIRouter:
    router = APIRouter(tags=["client"])

    @router.post(
        "/v1/token",
        response_model=ClientTokenIssued,
        responses=_REFUSED | documented(413, 429, 503),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {_FORM: {"schema": ClientTokenRequest.model_json_schema()}},
            }
        },
    )
    async def client_token(
        request: Request, basic: Annotated[HTTPAuthorizationCredentials | None, Depends(_basic)]
    ) -> JSONResponse:
        """Exchange a client's secret, in HTTP Basic or in the form, for an access token."""
        try:
            form = _form(request.headers.get("content-type", ""), await request.body())
            client_id, secret = _credentials(request.headers.get("authorization"), basic, form)
            token, scopes = await issue_client_token(
                dependencies.database,
                ClientClaim(_id(client_id), secret, origin_of(request, None).network),
                form.get("scope"),
                buckets=dependencies.keys.buckets,
                signer=dependencies.signer,
                at=now(),
            )
        except ServiceError as refusal:
            return _refused(refusal)
        issued = ClientTokenIssued(access_token=token, expires_in=LIFE_SECONDS, scope=" ".join(scopes))
        return JSONResponse(issued.model_dump(), headers=_NOT_STORED)

    return router


def _refused(refusal: ServiceError) -> JSONResponse:
    """RFC 6749 §5.2. What that has no word for stays a problem."""
    if refusal.code not in errors.TOKEN_ERRORS:
        raise refusal
    body = ClientTokenRefused(error=refusal.code, error_description=refusal.detail)
    challenge = {"WWW-Authenticate": refusal.challenge} if refusal.challenge else {}
    return JSONResponse(body.model_dump(), refusal.status, headers=_NOT_STORED | challenge)


def _form(content_type: str, body: bytes) -> dict[str, str]:
    """The parameters, each once; unknown ones do not count, one without a value is absent (RFC 6749 §3.2)."""
    if content_type.partition(";")[0].strip().lower() != _FORM:
        raise errors.token_request_refused("invalid_request", f"Send a form: {_FORM}.")
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=50, errors="strict")
    except ValueError:
        raise errors.token_request_refused("invalid_request", "The form is not readable as UTF-8.") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise errors.token_request_refused("invalid_request", "Send each parameter once.")
    if "grant_type" not in form:
        raise errors.token_request_refused("invalid_request", f"Send grant_type={_GRANT}.")
    if form["grant_type"] != _GRANT:
        raise errors.token_request_refused("unsupported_grant_type", f"Send grant_type={_GRANT}.")
    return form


def _credentials(
    header: str | None, basic: HTTPAuthorizationCredentials | None, form: dict[str, str]
) -> tuple[str, str]:
    """The client's id and secret, from one place (RFC 6749 §2.3)."""
    if header is None:
        if not {"client_id", "client_secret"} <= form.keys():
            raise errors.client_refused()
        return form["client_id"], form["client_secret"]
    if basic is None or basic.scheme.lower() != "basic":
        raise errors.client_refused()
    try:
        sent = b64decode(basic.credentials, validate=True).decode()
        client_id, colon, secret = sent.partition(":")
        client_id, secret = unquote_plus(client_id, errors="strict"), unquote_plus(secret, errors="strict")
    except ValueError:
        raise errors.client_refused() from None
    if not colon:
        raise errors.client_refused()
    if "client_secret" in form or form.get("client_id", client_id) != client_id:
        raise errors.token_request_refused("invalid_request", "Send the client's secret in one place.")
    return client_id, secret


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
