"""What consumers count and measure (OpenTelemetry; names of the messaging conventions where there is one)."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, Observation

_meter = metrics.get_meter("newsreel")
duplicates = _meter.create_counter("inbox.duplicates", description="Records whose effect was there already.")
parked = _meter.create_counter("dlq.messages", description="Records that were parked.")
lost = _meter.create_counter("dlq.expired", description="Parked records that Kafka forgot before a replay.")
duration = _meter.create_histogram(
    "messaging.process.duration",
    "s",
    "The time that a handler took.",
    explicit_bucket_boundaries_advisory=[
        0.005,
        0.01,
        0.025,
        0.05,
        0.075,
        0.1,
        0.25,
        0.5,
        0.75,
        1,
        2.5,
        5,
        7.5,
        10,
    ],
)

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
