"""What a failure means, what may be said of it, and when a consumer stops parking."""

import asyncio
import errno
import itertools
from collections.abc import Iterator

import asyncpg
import pytest
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
)

from newsreel_events import MalformedError
from newsreel_runtime.consumer.circuit_breaker import CircuitBreaker
from newsreel_runtime.consumer.failure import Failure, TooLongError, classify, describe
from newsreel_runtime.consumer.record import Place
from newsreel_runtime.consumer.subscription import refusal
from newsreel_runtime.errors import ServiceError

SECRET = "ann@example.org"


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (MalformedError("no ce_specversion"), Failure.FATAL),
        (asyncpg.NumericValueOutOfRangeError("x"), Failure.FATAL),
        (asyncpg.SerializationError("x"), Failure.PASSING),
        (asyncpg.DeadlockDetectedError("x"), Failure.PASSING),
        (asyncpg.UniqueViolationError("x"), Failure.PASSING),
        (KeyError("x"), Failure.PASSING),
        (FileNotFoundError("x"), Failure.PASSING),
        (asyncio.TimeoutError(), Failure.SLOW),  # noqa: UP041 (what asyncpg raises, by its own name)
        (asyncpg.QueryCanceledError("x"), Failure.SLOW),
        (ConnectionResetError(), Failure.BROKEN),
        (OSError("Multiple exceptions: refused"), Failure.BROKEN),
        (OSError(errno.ENOSPC, "full"), Failure.BROKEN),
        (asyncpg.InternalClientError("cannot switch to state 15"), Failure.BROKEN),
        (asyncpg.InterfaceError("closed"), Failure.BROKEN),
        (asyncpg.AdminShutdownError("x"), Failure.BROKEN),
        (asyncpg.TooManyConnectionsError("x"), Failure.BROKEN),
        (asyncpg.InvalidPasswordError("x"), Failure.BROKEN),
        (asyncpg.UndefinedTableError("x"), Failure.BROKEN),
        (asyncpg.UndefinedFunctionError("x"), Failure.BROKEN),
        (asyncpg.InvalidSchemaNameError("x"), Failure.BROKEN),
        (asyncpg.InsufficientPrivilegeError("x"), Failure.BROKEN),
        (asyncpg.ReadOnlySQLTransactionError("x"), Failure.BROKEN),
        (asyncpg.DiskFullError("x"), Failure.BROKEN),
        (asyncpg.PostgresIOError("x"), Failure.BROKEN),
        (asyncpg.IndexCorruptedError("x"), Failure.BROKEN),
        (asyncpg.LockNotAvailableError("x"), Failure.BROKEN),
        (KafkaConnectionError(), Failure.BROKEN),
        (RequestTimedOutError(), Failure.BROKEN),
    ],
)
def test_classes_of_failures(error: Exception, failure: Failure) -> None:
    assert classify(error) is failure


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 (any will do)
        return caught


def test_the_words_of_our_own_errors_are_kept() -> None:
    assert describe(MalformedError("header x is not UTF-8")) == "header x is not UTF-8"
    assert describe(ServiceError("unknown-video", 404, "t", "d")) == "unknown-video"
    assert describe(TooLongError("no end after 300 s")) == "no end after 300 s"


@pytest.mark.parametrize("kind", [ValueError, KeyError, RuntimeError, asyncpg.UniqueViolationError])
def test_of_any_other_error_only_its_place_is_told(kind: type[Exception]) -> None:
    said = describe(raised(kind(SECRET)))
    assert said.startswith("raised at test_consumer_failures.py:")
    assert said.endswith("in raised")
    assert SECRET not in said
    assert "\n" not in said, "no stack trace"


def test_the_message_is_bounded_in_bytes() -> None:
    assert len(describe(MalformedError("é" * 2000)).encode()) == 1024


def places(topic: str) -> Iterator[Place]:
    """One record after the other of a partition."""
    return (Place(topic, 0, offset) for offset in itertools.count())


def test_the_circuit_breaker_opens_after_twenty_in_a_row_of_one_partition() -> None:
    breaker, here, there = CircuitBreaker(), places("a"), places("b")
    for _ in range(20):
        assert breaker.failed(next(here)) is None
        assert breaker.failed(next(there)) is None
    assert "in a row" in (breaker.failed(next(here)) or "")


def test_a_record_that_comes_again_counts_once() -> None:
    """Trial C2: one record that could not be parked was "20 in a row"."""
    breaker = CircuitBreaker()
    for _ in range(100):
        assert breaker.failed(Place("a", 0, 7)) is None


def test_a_record_that_passes_breaks_the_row() -> None:
    breaker, here = CircuitBreaker(), places("a")
    for _ in range(100):
        assert breaker.failed(next(here)) is None
        breaker.passed(next(here))


def test_the_circuit_breaker_opens_at_a_tenth_of_the_last_thousand() -> None:
    breaker, here = CircuitBreaker(), places("a")
    for _ in range(100):
        assert breaker.failed(next(here)) is None
        for _ in range(8):
            breaker.passed(next(here))
    assert "10%" in (breaker.failed(next(here)) or "")
    for _ in range(1000):
        breaker.passed(next(here))
    assert breaker.failed(next(here)) is None, "long ago counts no more"


@pytest.mark.parametrize("text", ["a\0b", "lone \ud800", "é" * 2000])
def test_a_message_fits_a_row_and_a_header(text: str) -> None:
    said = describe(MalformedError(text))
    assert "\0" not in said
    assert said.encode().decode() == said


def test_a_refusal_says_what_is_to_be_granted() -> None:
    assert "READ" in (refusal(GroupAuthorizationFailedError("notifier"), "notifier") or "")
    said = refusal(TopicAuthorizationFailedError({"identity.code.v1"}), "catalog") or ""
    assert "catalog" in said
    assert "READ" in said
    assert refusal(KafkaConnectionError(), "catalog") is None, "an absent broker refuses nobody"
