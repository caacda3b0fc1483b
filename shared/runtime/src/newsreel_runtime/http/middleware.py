"""What wraps every request: a span, a limit on the body, a last resort for what was not expected."""

import asyncio
import logging

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, StatusCode
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsreel_runtime.database import DATABASE_AWAY
from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.problems import TOO_LARGE, response, too_large
from newsreel_runtime.telemetry import context_from, link_to, tracer

_log = logging.getLogger(__name__)
_QUIET = "/health/"


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value).decode("latin-1")
    return None


class Tracing:
    """A SERVER span a request, named by the route's template; paths, queries, headers are not recorded.

    A caller that is not trusted decides neither the trace nor whether it is sampled: its context is a link
    (W3C Trace Context §3.1, restarting the trace).
    """

    def __init__(self, app: ASGIApp, *, trusts_callers: bool, public_paths: tuple[str, ...]) -> None:
        self._app = app
        self._trusts_callers = trusts_callers
        self._public_paths = public_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_QUIET):
            await self._app(scope, receive, send)
            return
        sent = context_from(_header(scope, b"traceparent"), _header(scope, b"tracestate"))
        trusted = self._trusts_callers and not scope["path"].startswith(self._public_paths)
        parent, links = (sent, []) if trusted else (Context(), link_to(sent))
        method = scope["method"]
        with tracer.start_as_current_span(
            method,
            parent,
            SpanKind.SERVER,
            links=links,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:

            async def send_and_note(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            span.set_attribute("http.request.method", method)
            try:
                await self._app(scope, receive, send_and_note)
            finally:
                route = getattr(scope.get("route"), "path", None)
                if route:
                    span.update_name(f"{method} {route}")
                    span.set_attribute("http.route", route)


class BodyLimit:
    """Starlette's limit on the bytes of a body, answered with a problem (413, RFC 9110 §15.5.14)."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = RequestBodyLimitMiddleware(app, max_body_size=limit)
        self._too_large = too_large(limit)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def send_unless_refused(message: Message) -> None:
            nonlocal refused
            refused = refused or _is_starlettes_own_refusal(message)
            if not refused:
                await send(message)

        await self._app(scope, receive, send_unless_refused)
        if refused:
            await response(self._too_large)(scope, receive, send)


def _is_starlettes_own_refusal(message: Message) -> bool:
    """What the app itself refuses with 413 is a problem already, and stays as it is."""
    plain = (b"content-type", b"text/plain; charset=utf-8")
    return message.get("status") == TOO_LARGE and plain in message["headers"]


class HeadAsGet:
    """HEAD wherever GET is: the same headers, no body (RFC 9110 §9.3.2). A route for HEAD comes first."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or _has_route(scope):
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        asked = {**scope, "method": "GET"}  # a copy: the server looks at the method, too
        try:
            await self._app(asked, receive, send_without_body)
        finally:
            scope["route"] = asked.get("route")


def _has_route(scope: Scope) -> bool:
    return any(route.matches(scope)[0] is Match.FULL for route in scope["app"].router.routes)


class LastResort:
    """An unexpected failure becomes a 500 problem, a database away a 503; the log says where, not what."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def send_and_note(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            await response(_judged(error))(scope, receive, send)


def _judged(error: Exception) -> ServiceError:
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, DATABASE_AWAY):
        _log.warning("a dependency is away: %s", type(error).__qualname__)
        return ServiceError(
            "unavailable", 503, "Not available just now", "Try again in a moment.", retry_after=2
        )
    _log.error("a request failed", exc_info=error)
    return ServiceError("internal", 500, "Something went wrong", "Try again; the failure was recorded.")
