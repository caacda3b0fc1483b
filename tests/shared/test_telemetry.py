"""What reaches a log line or a span."""

import io
import json
import logging
import socket
import time

import pytest
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from newsreel_runtime import telemetry

SECRET = "someone@example.org"


def test_a_logged_failure_says_where_but_not_what() -> None:
    stream = io.StringIO()
    handler = telemetry.log_handler("test", stream)
    logger = logging.Logger("test")
    logger.addHandler(handler)
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        logger.error("it failed", exc_info=error)
    line = json.loads(stream.getvalue())
    assert (line["message"], line["service"], line["level"]) == ("it failed", "test", "ERROR")
    assert line["exc_info"].startswith("ValueError at test_telemetry.py:")
    assert SECRET not in stream.getvalue()


def test_a_log_line_carries_its_trace() -> None:
    stream = io.StringIO()
    logger = logging.Logger("test")
    logger.addHandler(telemetry.log_handler("test", stream))
    parent = telemetry.context_from("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    with trace.use_span(trace.get_current_span(parent)):
        logger.warning("x")
    assert json.loads(stream.getvalue())["trace_id"] == "0af7651916cd43dd8448eb211c80319c"


def test_a_failed_span_names_the_error_type_alone() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with pytest.raises(ValueError), telemetry.span("work", tracer=provider.get_tracer("t")):  # noqa: PT011 (any)
        raise ValueError(SECRET)
    (span,) = exporter.get_finished_spans()
    assert span.attributes is not None
    assert span.attributes["error.type"] == "ValueError"
    assert SECRET not in span.to_json()


@pytest.mark.parametrize("text", [None, "", "garbage", "00-0-0-00"])
def test_a_broken_traceparent_is_no_link(text: str | None) -> None:
    assert telemetry.link_to(telemetry.context_from(text)) == []


def test_a_silent_collector_does_not_lengthen_a_stop() -> None:
    """Review D7: the SDK waits 30 s for a collector that takes connections and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(address, timeout=5)))
        with telemetry.span("work", tracer=provider.get_tracer("t")):
            pass
        began = time.monotonic()
        telemetry.flush([provider, None], seconds=0.2)
        assert 0.2 <= time.monotonic() - began < 4
