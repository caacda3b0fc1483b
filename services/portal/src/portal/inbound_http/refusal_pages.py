"""Refusals as pages that say what to do, under the status that they deserve."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.app import BODY_LIMIT
from newsreel_runtime.http.problems import TOO_LARGE, allowed_methods, too_large
from portal.errors import no_such_page
from portal.inbound_http.arrival import visit_of
from portal.inbound_http.visit import Visit

# What a person is told about refusals whose words are for programs.
_WORDS = {
    "video-unknown": (
        "There is no such video",
        "It may have been withdrawn, or the address is mistyped. The list has all that can be taken.",
    ),
    "rendition-unknown": (
        "There is no such file",
        "This file of the video is not offered any more. Go back, reload the page and choose another one.",
    ),
    "grant-unknown": (
        "This download link is not yours, or not known",
        "A download link works for the account that asked for it. Open the video and press Download again.",
    ),
    "account-not-active": (
        "Your account cannot download",
        "It is closed or suspended.",
    ),
    "body-too-large": (
        "That was too much",
        "What you sent is larger than any form here needs. Go back and send less.",
    ),
}


def page_of(visit: Visit, error: ServiceError) -> Response:
    """The page of a refusal. A service's 401 becomes 403: browsers have no HTTP authentication to try."""
    title, detail = _WORDS.get(error.code, (error.title, error.detail))
    return visit.page(
        "refusal.html",
        status=403 if error.status == 401 else error.status,
        retry_after=error.retry_after,
        title=title,
        detail=detail,
    )


def install(app: FastAPI) -> None:
    """Show refusals of every route as pages."""

    async def on_service_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, ServiceError)  # noqa: S101 (registered for this class alone)
        return page_of(visit_of(request), error)

    async def on_bad_path(request: Request, _: Exception) -> Response:
        # Only paths are typed in the routes: what is no UUID names nothing.
        return page_of(visit_of(request), no_such_page())

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for this class alone)
        if error.status_code == 404:
            return page_of(visit_of(request), no_such_page())
        if error.status_code == TOO_LARGE:
            return page_of(visit_of(request), too_large(BODY_LIMIT))
        words = "Go back and use the page's buttons."
        said = ServiceError("not-possible", error.status_code, "That is not possible here", words)
        response = page_of(visit_of(request), said)
        if error.status_code == 405:
            response.headers["Allow"] = ", ".join(allowed_methods(request))
        return response

    app.add_exception_handler(ServiceError, on_service_error)
    app.add_exception_handler(RequestValidationError, on_bad_path)
    app.add_exception_handler(HTTPException, on_http)
