"""OTLP/HTTP in; the recent flows and one flow out, as pages, text and JSON."""

import gzip
import zlib
from dataclasses import asdict
from datetime import UTC, datetime
from html import escape
from typing import Any

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # has no type hints
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from newsreel_local.page import page
from newsreel_local.traces.drawing import draw
from newsreel_local.traces.spans import Span, read
from newsreel_local.traces.store import SpanStore
from newsreel_local.traces.tree import Flows, Node

_SHOWN = 100


def _row(span: Span) -> str:
    moment = datetime.fromtimestamp(span.start / 1e9, UTC).isoformat(timespec="milliseconds")
    link = f'<a href="/traces/{span.trace_id}">{escape(span.name)}</a>'
    return f"<tr><td>{moment}<td>{escape(span.service)}<td>{link}<td>{span.milliseconds:.1f}"


def _as_json(node: Node) -> dict[str, Any]:
    shown = asdict(node.span) | {"milliseconds": node.span.milliseconds, "linked": node.link is not None}
    return shown | {"wait_ms": node.wait_ms, "children": [_as_json(child) for child in node.children]}


class _Pages:
    def __init__(self, store: SpanStore) -> None:
        self._store = store

    def _flows(self) -> Flows:
        return Flows(self._store.recent())

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        try:
            if request.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            self._store.add(read(body))
        except (DecodeError, OSError, EOFError, zlib.error):
            return JSONResponse({"title": "This is no OTLP export request", "status": 400}, status_code=400)
        return Response(b"", media_type="application/x-protobuf")

    async def index(self, _: Request) -> Response:
        rows = "\n".join(map(_row, self._flows().recent()[:_SHOWN]))
        head = "<tr><th>Began (UTC)<th>Service<th>Flow<th>Took ms"
        return page("Traces", f"<h1>Recent flows</h1>\n<table>\n{head}\n{rows}\n</table>")

    async def flow(self, request: Request) -> Response:
        flows = self._flows()
        named, _, form = str(request.path_params["named"]).partition(".")
        trace_id = flows.last() if named == "last" else named
        roots = flows.tree(trace_id) if trace_id else []
        if not trace_id or not roots:
            return JSONResponse({"title": "There is no such trace", "status": 404}, status_code=404)
        if form == "txt":
            return PlainTextResponse(draw(trace_id, roots) + "\n")
        if form == "json" or "text/html" not in request.headers.get("accept", ""):
            return JSONResponse({"trace_id": trace_id, "roots": [_as_json(root) for root in roots]})
        text = escape(draw(trace_id, roots))
        return page(
            "Trace", f'<h1>Trace</h1>\n<p><a href="/">All flows</a></p>\n<pre class="tree">{text}</pre>'
        )


async def _live(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


def create_app(store: SpanStore) -> Starlette:
    """POST `/v1/traces`; `/`, `/traces/{id or last}`, the same with `.json` or `.txt`."""
    pages = _Pages(store)
    return Starlette(
        routes=[
            Route("/v1/traces", pages.receive, methods=["POST"]),
            Route("/", pages.index),
            Route("/traces/{named}", pages.flow),
            Route("/health/ready", _live),
        ]
    )
