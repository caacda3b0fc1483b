"""The trace receiver: what OTLP brings is one tree, also where a batch ties it together by links only."""

import gzip
from pathlib import Path

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Link, Span, SpanKind, set_span_in_context

from newsreel_local.traces.drawing import draw
from newsreel_local.traces.pages import create_app
from newsreel_local.traces.spans import read
from newsreel_local.traces.store import SpanStore
from newsreel_local.traces.tree import WAIT, Flows


class Recorded:
    """Spans of two services, exported as the services export them."""

    def __init__(self) -> None:
        self._memory = InMemorySpanExporter()

    def span(self, service: str, name: str, kind: SpanKind, parent: Span | None, *links: Link) -> Span:
        provider = TracerProvider(resource=Resource.create({"service.name": service}))
        provider.add_span_processor(SimpleSpanProcessor(self._memory))
        context = set_span_in_context(parent) if parent is not None else None
        span = provider.get_tracer("test").start_span(name, context, kind, links=links)
        span.end()
        return span

    @property
    def body(self) -> bytes:
        spans: tuple[ReadableSpan, ...] = self._memory.get_finished_spans()
        body: bytes = encode_spans(spans).SerializeToString()
        return body


def trace_id(span: Span) -> str:
    return f"{span.get_span_context().trace_id:032x}"


@pytest.fixture
def recorded() -> tuple[Recorded, Span]:
    """One press: request, event, its way in a batch with somebody else's, and who received it."""
    spans = Recorded()
    post = spans.span("identity", "POST /v1/registrations", SpanKind.SERVER, None)
    create = spans.span("identity", "create identity.code.v1", SpanKind.PRODUCER, post)
    other = spans.span("identity", "POST /v1/resets", SpanKind.SERVER, None)
    links = [Link(span.get_span_context(), {WAIT: wait}) for span, wait in ((create, 1.5), (other, 9.0))]
    spans.span("identity", "send identity.code.v1", SpanKind.CLIENT, None, *links)
    received = Link(create.get_span_context())
    spans.span("notifier", "process identity.code.v1", SpanKind.CONSUMER, create, received)
    return spans, post


async def test_a_flow_is_one_tree_across_traces(tmp_path: Path, recorded: tuple[Recorded, Span]) -> None:
    spans, post = recorded
    app = create_app(SpanStore(tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://traces") as client:
        packed = {"content-encoding": "gzip", "content-type": "application/x-protobuf"}
        answer = await client.post("/v1/traces", content=gzip.compress(spans.body), headers=packed)
        assert answer.status_code == 200
        last = (await client.get("/traces/last")).json()
        assert trace_id(post) in (await client.get("/")).text
        assert (await client.get("/traces/" + "0" * 32)).status_code == 404
        assert (await client.post("/v1/traces", content=b"no protobuf")).status_code == 400
    assert last["trace_id"] == trace_id(post)
    (root,) = last["roots"]
    (create,) = root["children"]
    assert [(child["name"].split()[0], child["linked"]) for child in create["children"]] == [
        ("send", True),
        ("process", False),
    ]
    assert create["children"][0]["wait_ms"] == 1.5


def tear_last_line(folder: Path) -> None:
    """Leave what a process leaves that is killed while it writes."""
    with next(folder.glob("*.jsonl")).open("a") as file:
        file.write('{"half a li')


async def test_spans_are_there_after_a_restart(tmp_path: Path, recorded: tuple[Recorded, Span]) -> None:
    spans, post = recorded
    app = create_app(SpanStore(tmp_path))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://traces") as client:
        await client.post("/v1/traces", content=spans.body)
    tear_last_line(tmp_path)
    flows = Flows(SpanStore(tmp_path).recent())
    assert flows.last() == trace_id(post)
    text = draw(trace_id(post), flows.tree(trace_id(post)))
    assert "waited in the outbox 1.5 ms, linked" in text
    assert "   └─ notifier: process" in text


def test_a_trace_that_a_client_began_shows_what_links_to_it(tmp_path: Path) -> None:
    """The portal starts a trace of its own and links to the one that it was sent."""
    client = Recorded().span("client", "press", SpanKind.CLIENT, None)  # never exported here
    spans = Recorded()
    page = spans.span("portal", "POST /register", SpanKind.SERVER, None, Link(client.get_span_context()))
    spans.span("identity", "process", SpanKind.CONSUMER, page)
    store = SpanStore(tmp_path)
    store.add(read(spans.body))
    flows = Flows(store.recent())
    [root] = flows.tree(trace_id(client))
    assert (root.span.name, root.link is not None, len(root.children)) == ("POST /register", True, 1)
    assert flows.last() == trace_id(page)
