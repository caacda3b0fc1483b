"""Refusals as pages that say what to do, under the status that they deserve."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.app import BODY_LIMIT
from newsreel_runtime.http.problems import TOO_LARGE, allowed_methods, too_large
from portal.errors import no_such_page
from portal.inbound_http import messages
from portal.inbound_http.arrival import visit_of
from portal.inbound_http.site import Site
from portal.inbound_http.translations import Said
from portal.inbound_http.visit import SignInFirstError, Visit


def page_of(visit: Visit, error: ServiceError) -> Response:
    """The page of a refusal. A service's 401 becomes 403: browsers have no HTTP authentication to try."""
    title, words = messages.page(error.code)
    return visit.page(
        "refusal.html",
        status=403 if error.status == 401 else error.status,
        retry_after=error.retry_after,
        title=Said(title),
        words=Said(words, {"origin": visit.site.origin}),
    )


def install(app: FastAPI, site: Site) -> None:

    async def on_sign_in_first(_: Request, error: Exception) -> Response:
        assert isinstance(error, SignInFirstError)  # noqa: S101 (registered for this class alone)
        return error.response

    async def on_service_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, ServiceError)  # noqa: S101 (registered for this class alone)
        return page_of(visit_of(site, request), error)

    async def on_bad_path(request: Request, _: Exception) -> Response:
        # Only paths are typed in the routes: what is no UUID names nothing.
        return page_of(visit_of(site, request), no_such_page())

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for this class alone)
        if error.status_code == 404:
            return page_of(visit_of(site, request), no_such_page())
        if error.status_code == TOO_LARGE:
            return page_of(visit_of(site, request), too_large(BODY_LIMIT))
        refusal = ServiceError("not-possible", error.status_code, "", "")
        response = page_of(visit_of(site, request), refusal)
        if error.status_code == 405:
            response.headers["Allow"] = ", ".join(allowed_methods(request))
        return response

    app.add_exception_handler(SignInFirstError, on_sign_in_first)
    app.add_exception_handler(ServiceError, on_service_error)
    app.add_exception_handler(RequestValidationError, on_bad_path)
    app.add_exception_handler(HTTPException, on_http)
