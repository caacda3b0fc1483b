"""What every answer tells the browser: what it may load, where forms go, and not to keep pages."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsreel_runtime.errors import ServiceError
from newsreel_runtime.http.problems import MEDIA_TYPE, TOO_LARGE
from portal.inbound_http.arrival import visit_of
from portal.inbound_http.refusal_pages import page_of
from portal.inbound_http.site import Site
from portal.inbound_http.visit import wants_page


class BrowserRules:
    """Security headers on every answer; a problem that no page caught is shown as one.

    A program, which brings an access token or does not ask for HTML, keeps the problem as it is.
    """

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site
        # Redirects of a form's answer are checked against form-action: Download leads to the media origin.
        self._headers = {
            "Content-Security-Policy": "; ".join(
                (
                    "default-src 'none'",
                    f"img-src 'self' {site.media_origin}",
                    "style-src 'self'",
                    f"script-src {site.origin}/static/",
                    "connect-src 'self'",
                    f"form-action 'self' {site.media_origin}",
                    "frame-ancestors 'none'",
                    "base-uri 'none'",
                )
            ),
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_replaced = False

        async def send_ruled(message: Message) -> None:
            nonlocal is_replaced
            if is_replaced:
                return
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type") == MEDIA_TYPE and not _is_program(scope):
                    is_replaced = True
                    await self._show(scope, receive, send_ruled_start, message["status"], headers)
                    return
                self._rule(scope, headers)
            await send(message)

        async def send_ruled_start(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._rule(scope, MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, send_ruled)

    async def _show(
        self, scope: Scope, receive: Receive, send: Send, status: int, headers: MutableHeaders
    ) -> None:
        retry_after = headers.get("retry-after", "")
        error = ServiceError(
            "body-too-large" if status == TOO_LARGE else "internal",
            status,
            "",
            "",
            retry_after=int(retry_after) if retry_after.isdecimal() else None,
        )
        await page_of(visit_of(self._site, Request(scope)), error)(scope, receive, send)

    def _rule(self, scope: Scope, headers: MutableHeaders) -> None:
        headers.update(self._headers)
        headers.setdefault("Referrer-Policy", "same-origin")
        kept = scope["path"].startswith("/static/")
        headers.setdefault("Cache-Control", "public, max-age=3600" if kept else "no-store")


def _is_program(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return "authorization" in headers or not wants_page(headers)
