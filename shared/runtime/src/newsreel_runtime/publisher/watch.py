"""What an operator sees of the outbox: gauges, and a line in the log when too much waits for too long."""

import asyncio
import logging

from opentelemetry import metrics

from newsreel_runtime import outbox
from newsreel_runtime.database import Database
from newsreel_runtime.outbox import Backlog
from newsreel_runtime.telemetry import SECONDS
from newsreel_runtime.timer import every

_log = logging.getLogger(__name__)
_EVERY = 10.0  # seconds
_MANY = 10_000  # rows
_OLD = 60.0  # seconds
_UNVACUUMED = 100_000  # rows; autovacuum begins at 1,000

_meter = metrics.get_meter("newsreel")
_rows = _meter.create_gauge("outbox.backlog", "{event}", "Events that wait for Kafka, counted to 100,000")
_age = _meter.create_gauge("outbox.oldest_age", "s", "For how long the oldest of them has waited")
_unvacuumed = _meter.create_gauge(
    "outbox.unvacuumed", "{row}", "Rows that were sent and deleted, and that VACUUM has not removed"
)
_dead = _meter.create_gauge("outbox.dead", "{event}", "Events that Kafka refused for good")
publish_lag = _meter.create_histogram(
    "outbox.publish.lag",
    "s",
    "From an event's insertion to Kafka's ack",
    explicit_bucket_boundaries_advisory=[0.001, 0.0025, *SECONDS, 30, 60, 300, 1800],
)


def too_much(seen: Backlog) -> bool:
    """Whether somebody should look: Kafka is away, or the relay does not keep up."""
    return seen.rows > _MANY or seen.oldest_age > _OLD


class Watch:
    """Looks at the outbox every ten seconds, whoever leads and whether or not Kafka answers."""

    def __init__(self, database: Database, every: float = _EVERY) -> None:
        self._database = database
        self._every = every
        self._alarmed = False
        self._slow = False

    async def run(self, stopping: asyncio.Event) -> None:
        await every(self._every, "the outbox's metrics", self._look)(stopping)

    async def _look(self) -> None:
        async with self._database.read() as connection:
            self.note(await outbox.backlog(connection))

    def note(self, seen: Backlog) -> None:
        """Set the gauges; say once when it becomes too much, and once when it is over."""
        _rows.set(seen.rows)
        _age.set(seen.oldest_age)
        _dead.set(seen.dead)
        _unvacuumed.set(seen.unvacuumed)
        if too_much(seen) and not self._alarmed:
            _log.error("outbox backlog: %d events, the oldest waits %.0f s", seen.rows, seen.oldest_age)
        elif self._alarmed and not too_much(seen):
            _log.info("outbox backlog is over: %d events wait", seen.rows)
        self._alarmed = too_much(seen)
        if seen.unvacuumed > _UNVACUUMED and not self._slow:
            _log.error("the outbox has %d dead rows: an open transaction keeps VACUUM away", seen.unvacuumed)
        self._slow = seen.unvacuumed > _UNVACUUMED
