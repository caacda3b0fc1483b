"""What a failure means, what may be said of it, and when a consumer stops parking."""

import asyncio
import errno

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


def test_the_circuit_opens_after_twenty_in_a_row_of_one_partition() -> None:
    circuit = CircuitBreaker()
    for _ in range(20):
        assert circuit.failed("a") is None
        assert circuit.failed("b") is None
    assert "in a row" in (circuit.failed("a") or "")


def test_a_record_that_passes_breaks_the_row() -> None:
    circuit = CircuitBreaker()
    for _ in range(100):
        assert circuit.failed("a") is None
        circuit.passed("a")


def test_the_circuit_opens_at_a_tenth_of_the_last_thousand() -> None:
    circuit = CircuitBreaker()
    for _ in range(100):
        assert circuit.failed("a") is None
        for _ in range(8):
            circuit.passed("a")
    assert "10%" in (circuit.failed("a") or "")
    for _ in range(1000):
        circuit.passed("a")
    assert circuit.failed("a") is None, "long ago counts no more"


def test_a_refusal_says_what_is_to_be_granted() -> None:
    assert "READ" in (refusal(GroupAuthorizationFailedError("notifier"), "notifier") or "")
    said = refusal(TopicAuthorizationFailedError({"identity.code.v1"}), "catalog") or ""
    assert "catalog" in said
    assert "READ" in said
    assert refusal(KafkaConnectionError(), "catalog") is None, "an absent broker refuses nobody"
