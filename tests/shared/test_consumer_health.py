"""Liveness and lag of a consumer, by a clock that is set."""

import asyncio

from aiokafka import ConsumerRecord

from newsreel_runtime.consumer.health import ConsumerHealth


class Clock:
    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def record(offset: int, partition: int = 0, timestamp: int = 0) -> ConsumerRecord:
    return ConsumerRecord("t", partition, offset, timestamp, 0, None, b"", None, 0, 0, ())


def healthy() -> tuple[ConsumerHealth, Clock]:
    clock = Clock()
    return ConsumerHealth(handler_limit=300, clock=clock), clock


def test_an_idle_consumer_that_polls_lives() -> None:
    health, clock = healthy()
    for _ in range(10):
        clock.at += 59
        health.polled()
        assert health.why_not_alive() is None


def test_a_fetch_loop_that_stands_still_does_not() -> None:
    health, clock = healthy()
    health.polled()
    clock.at += 61
    assert "not polled for 61 s" in (health.why_not_alive() or "")


def test_a_long_handler_lives_until_its_limit_has_passed() -> None:
    health, clock = healthy()
    health.began([record(5)])
    clock.at += 359
    assert health.why_not_alive() is None
    clock.at += 2
    assert "no progress" in (health.why_not_alive() or "")


def test_a_batch_that_was_given_up_is_not_at_hand_any_more() -> None:
    for goes_on in (ConsumerHealth.polled, ConsumerHealth.begins):
        health, clock = healthy()
        health.began([record(5)])  # cancelled, or rewound, or another member's by now
        goes_on(health)
        for _ in range(10):
            clock.at += 59
            goes_on(health)
        assert health.why_not_alive() is None


def test_kafka_may_be_away_at_the_start_and_at_a_commit() -> None:
    health, clock = healthy()
    clock.at += 10_000
    assert health.why_not_alive() is None
    health.polled()
    health.began([record(5)])
    health.ended([record(5)])  # its offset is committed next
    clock.at += 10_000
    assert health.why_not_alive() is None


def test_a_pause_for_a_broken_dependency_may_last_for_ever() -> None:
    health, clock = healthy()
    health.began([record(5)])
    for _ in range(1000):
        clock.at += 30
        health.working()
        assert health.why_not_alive() is None


def test_one_stuck_partition_is_seen_beside_others_that_move() -> None:
    health, clock = healthy()
    health.ends = lambda: {("t", 0): 10, ("t", 1): 1000}
    health.began([record(4, 0), record(4, 1)])
    health.ended([record(4, 0), record(4, 1)])
    for n in range(5, 12):
        clock.at += 50
        health.began([record(n, 1)])
        health.ended([record(n, 1)])
    health.polled()
    assert "t-0 has records waiting" in (health.why_not_alive() or "")


def test_a_partition_without_records_is_not_stuck() -> None:
    health, clock = healthy()
    health.ends = lambda: {("t", 0): 5}
    health.ended([record(4)])
    clock.at += 10_000
    health.polled()
    assert health.why_not_alive() is None


def test_lag_is_the_age_of_what_waits() -> None:
    health, _ = healthy()
    health.ends = lambda: {("t", 0): 10, ("t", 1): 5, ("t", 2): 3}
    health.began([record(8, 0, timestamp=60_000), record(4, 1, timestamp=90_000)])
    assert health.lag_seconds(at=100.0) == {("t", 0): 40.0, ("t", 1): 10.0}
    health.ended([record(9, 0, timestamp=70_000), record(4, 1, timestamp=90_000)])
    assert health.lag_seconds(at=100.0) == {("t", 0): 0.0, ("t", 1): 0.0}


async def test_the_event_loop_is_watched() -> None:
    clock = Clock()
    health, stopping = ConsumerHealth(300, clock), asyncio.Event()
    stopping.set()
    await health.watch_loop(stopping)
    assert health.late == 0.0
