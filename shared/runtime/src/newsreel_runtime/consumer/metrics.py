"""What consumers count and measure (OpenTelemetry; names of the messaging conventions where there is one)."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

from newsreel_runtime.telemetry import SECONDS

_meter = metrics.get_meter("newsreel")
consumed = _meter.create_counter(
    "messaging.client.consumed.messages", "{message}", "Records that Kafka gave."
)
deleted = _meter.create_counter(
    "messaging.consumer.deleted.messages", "{message}", "Records that Kafka deleted before they were read."
)
duplicates = _meter.create_counter("inbox.duplicates", "{message}", "Records whose effect was there already.")
parked = _meter.create_counter("dlq.messages", "{message}", "Records that were parked.")
lost = _meter.create_counter("dlq.expired", "{message}", "Parked records that Kafka forgot before a replay.")
oldest = _meter.create_gauge("dlq.oldest_age", "s", "For how long the oldest parked record has waited.")
replayed = _meter.create_counter(
    "replay.messages", "{message}", "Replayed records; with `error.type`: those that failed again."
)
duration = _meter.create_histogram(
    "messaging.process.duration",
    "s",
    "The time that a handler took.",
    explicit_bucket_boundaries_advisory=SECONDS,
)
e2e = _meter.create_histogram(
    "messaging.process.e2e",
    "s",
    "From an event's creation to the commit of its effect; without what was parked.",
    explicit_bucket_boundaries_advisory=[*SECONDS, 30, 60, 300, 1800],
)


@cache
def named(group: str, topic: str, operation: str) -> dict[str, str]:
    return {
        "messaging.system": "kafka",
        "messaging.operation.name": operation,
        "messaging.destination.name": topic,
        "messaging.consumer.group.name": group,
    }


Lags = Callable[[], Iterable[tuple[dict[str, str], float]]]
_lags: list[Lags] = []


def _look(_: CallbackOptions) -> Iterable[Observation]:
    return [Observation(seconds, attributes) for lags in _lags for attributes, seconds in lags()]


_meter.create_observable_gauge(
    "messaging.consumer.lag", [_look], "s", "The age of the oldest record that waits."
)


@contextmanager
def observed(lags: Lags) -> Iterator[None]:
    """Inside, the age in seconds of the oldest record that waits, by partition, is among the metrics."""
    _lags.append(lags)
    try:
        yield
    finally:
        _lags.remove(lags)
