"""RFC 9457 problems: the one shape of every refusal, `application/problem+json`."""

from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.routing import Match

from newsreel_runtime.errors import FieldError, ServiceError

MEDIA_TYPE = "application/problem+json"
TOO_LARGE = 413


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    field: str
    code: str
    detail: str


class Problem(BaseModel):
    """RFC 9457 §3.1. `type` is stable; `detail` says what to do."""

    type: str = Field(description="urn:newsreel:problem:<code>")
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default_factory=list)


def response(error: ServiceError) -> JSONResponse:
    problem = Problem(
        type=f"urn:newsreel:problem:{error.code}",
        title=error.title,
        status=error.status,
        detail=error.detail,
        errors=[FieldProblem(**asdict(wrong)) for wrong in error.fields],
    )
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    if error.challenge or error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = error.challenge or "Bearer"
    return JSONResponse(
        problem.model_dump() | error.extra, error.status, headers=headers, media_type=MEDIA_TYPE
    )


def too_large(limit: int) -> ServiceError:
    return ServiceError("body-too-large", TOO_LARGE, "The body is too large", f"Send {limit} bytes at most.")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with problems of these statuses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def _of_validation(error: RequestValidationError) -> ServiceError:
    fields = [
        FieldError(".".join(map(str, wrong["loc"][1:])) or str(wrong["loc"][0]), wrong["type"], wrong["msg"])
        for wrong in error.errors()
    ]
    return ServiceError(
        "invalid-input", 422, "The request is not valid", "Mend the fields named.", fields=fields
    )


def _of_status(status: int, headers: Mapping[str, str] | None) -> JSONResponse:
    phrase = HTTPStatus(status).phrase
    answer = response(
        ServiceError(phrase.lower().replace(" ", "-"), status, phrase, "See the API description.")
    )
    answer.headers.update(headers or {})
    return answer


def allowed_methods(request: Request) -> list[str]:
    """What the path of a request takes, in every route that has it (RFC 9110 §15.5.6)."""
    matching = (
        route for route in request.app.router.routes if route.matches(request.scope)[0] is not Match.NONE
    )
    methods = {method for route in matching for method in getattr(route, "methods", ("GET",))}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


def install(app: FastAPI) -> None:
    """Turn every error of `app` into a problem; what was not expected says nothing but that."""

    async def on_service_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, ServiceError)  # noqa: S101 (registered for this class alone)
        return response(error)

    async def on_validation(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for this class alone)
        return response(_of_validation(error))

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for this class alone)
        if error.status_code == TOO_LARGE:
            return response(too_large(request.scope[MAX_BODY_SIZE_SCOPE_KEY]))
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            return _of_status(error.status_code, {"Allow": ", ".join(allowed_methods(request))})
        return _of_status(error.status_code, error.headers)

    app.add_exception_handler(ServiceError, on_service_error)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
