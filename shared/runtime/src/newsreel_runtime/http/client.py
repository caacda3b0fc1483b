"""The HTTP client between services: a CLIENT span a call, trace context passed on, no redirects followed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from opentelemetry.trace import SpanKind

from newsreel_runtime.telemetry import current_trace, span


class _Traced(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        attributes: dict[str, str | int] = {
            "http.request.method": request.method,
            "server.address": request.url.host,
            "server.port": request.url.port or (443 if request.url.scheme == "https" else 80),
        }
        with span(request.method, SpanKind.CLIENT, attributes=attributes) as call:
            trace = current_trace()
            if trace.traceparent:
                request.headers["traceparent"] = trace.traceparent
            if trace.tracestate:
                request.headers["tracestate"] = trace.tracestate
            response = await self._inner.handle_async_request(request)
            call.set_attribute("http.response.status_code", response.status_code)
            return response

    async def aclose(self) -> None:
        await self._inner.aclose()


@asynccontextmanager
async def http_client(
    base_url: str,
    timeout: float = 5.0,  # noqa: ASYNC109 (each call's limit in seconds, not this function's)
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of one service with kept-open connections; `transport` replaces the network in tests.

    A connection that is refused is tried again for three and a half seconds: so long a load balancer may go
    on to name a replica that was killed.
    """
    inner = transport or httpx.AsyncHTTPTransport(
        limits=httpx.Limits(max_keepalive_connections=20, keepalive_expiry=60), retries=4
    )
    async with httpx.AsyncClient(
        base_url=base_url, timeout=timeout, transport=_Traced(inner), follow_redirects=False
    ) as client:
        yield client
