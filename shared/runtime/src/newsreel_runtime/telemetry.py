"""Traces and logs: one tracer, W3C context as text for rows and headers, JSON lines with the trace id."""

import logging
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from opentelemetry import context, metrics, trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue
from pythonjsonlogger.json import JsonFormatter

from newsreel_events import TraceContext
from newsreel_runtime.exception_text import LogHandler, PlacesFormatter
from newsreel_runtime.repeated_lines import RepeatedLines
from newsreel_runtime.settings import Telemetry
from newsreel_runtime.stop_limits import FLUSH_SECONDS

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics import MeterProvider

tracer = trace.get_tracer("newsreel")
_SWITCH = (
    0.0005  # seconds that a thread may keep another from the interpreter; Python's own is ten times that
)
_propagator = TraceContextTextMapPropagator()
# Bounds of histograms, as the messaging conventions advise them; those of the SDK are meant for milliseconds.
SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]


def current_trace() -> TraceContext:
    """The W3C context of the current span, to be stored or sent."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return TraceContext(traceparent=carrier.get("traceparent"), tracestate=carrier.get("tracestate"))


def current_traceparent() -> str | None:
    """The `traceparent` of the current span (W3C Trace Context §3.2)."""
    return current_trace().traceparent


def context_from(traceparent: str | None, tracestate: str | None = None) -> context.Context:
    """The context that a stored or received `traceparent` names; empty when there is none."""
    carrier = {"traceparent": traceparent or ""}
    if tracestate:
        carrier["tracestate"] = tracestate
    return _propagator.extract(carrier, context=context.Context())


def link_to(named: context.Context) -> list[Link]:
    """A link to the span that a context of `context_from` names, as a list of one or none."""
    span_context = trace.get_current_span(named).get_span_context()
    return [Link(span_context)] if span_context.is_valid else []


@contextmanager
def span(
    name: str,
    kind: SpanKind = SpanKind.INTERNAL,
    *,
    parent: context.Context | None = None,
    links: list[Link] | None = None,
    attributes: Mapping[str, AttributeValue] | None = None,
    tracer: trace.Tracer = tracer,
) -> Iterator[trace.Span]:
    """A current span whose failure is told by the exception's type alone: messages may hold personal data."""
    opened = tracer.start_span(name, parent, kind, attributes, links)
    token = context.attach(trace.set_span_in_context(opened))
    try:
        yield opened
    except BaseException as error:
        opened.set_attribute("error.type", type(error).__qualname__)
        opened.set_status(trace.StatusCode.ERROR)
        raise
    finally:
        context.detach(token)
        opened.end()


class _TraceIds(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        span_context = trace.get_current_span().get_span_context()
        if span_context.is_valid:
            record.trace_id = trace.format_trace_id(span_context.trace_id)
            record.span_id = trace.format_span_id(span_context.span_id)
        return True


class _JsonLines(PlacesFormatter, JsonFormatter):
    pass


def log_handler(service: str, stream: TextIO) -> logging.Handler:
    """Writes JSON lines to `stream`, each with the trace it belongs to."""
    handler = LogHandler(stream)
    handler.setFormatter(
        _JsonLines(
            "{asctime}{levelname}{name}{message}",
            style="{",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
            static_fields={"service": service},
            json_ensure_ascii=False,
        )
    )
    handler.addFilter(RepeatedLines("aiokafka", 10.0, time.monotonic))  # each try while Kafka is away
    handler.addFilter(_TraceIds())
    return handler


def set_up_logs(service: str) -> None:
    """JSON lines on standard output from now on."""
    logging.basicConfig(level=logging.INFO, handlers=[log_handler(service, sys.stdout)], force=True)
    for chatty in ("aiokafka", "faststream", "httpx", "uvicorn.error"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def set_up_traces(service: str, settings: Telemetry) -> TracerProvider:
    """Make spans from now on, and export them beside the work.

    A request to the collector costs as much as the encoding of a hundred spans, so they are sent in batches;
    whoever encodes one gives the interpreter up when the event loop wants it, after `_SWITCH`.
    """
    sys.setswitchinterval(_SWITCH)
    provider = TracerProvider(shutdown_on_exit=False, resource=Resource.create({"service.name": service}))
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint}/v1/traces", timeout=5)
        provider.add_span_processor(
            BatchSpanProcessor(exporter, schedule_delay_millis=500, max_export_batch_size=256)
        )
    trace.set_tracer_provider(provider)
    return provider


def set_up_metrics(service: str, settings: Telemetry) -> "MeterProvider | None":
    """Export metrics every fifteen seconds when `NEWSREEL_METRICS=otlp` asks for it; otherwise keep none."""
    if settings.metrics != "otlp" or not settings.otlp_endpoint:
        return None
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    exporter = OTLPMetricExporter(endpoint=f"{settings.otlp_endpoint}/v1/metrics", timeout=5)
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=15_000)
    provider = MeterProvider([reader], Resource.create({"service.name": service}), shutdown_on_exit=False)
    metrics.set_meter_provider(provider)
    return provider


def flush(
    providers: "Iterable[TracerProvider | MeterProvider | None]", seconds: float = FLUSH_SECONDS
) -> None:
    """Export the last spans and metrics. What a silent collector has not taken by then is lost."""
    threads = [threading.Thread(target=made.shutdown, daemon=True) for made in providers if made is not None]
    end = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
