"""A library that says the same dozens of times a second says it once in a while."""

import io
import json
import logging

from newsreel_runtime import telemetry
from newsreel_runtime.repeated_lines import RepeatedLines


def cannot_connect(logger: logging.Logger, node: int) -> None:
    logger.error("Unable connect to node with id %s", node)


def test_while_kafka_is_away_the_log_stays_short() -> None:
    stream = io.StringIO()
    handler = telemetry.log_handler("test", stream)
    library, ours = logging.Logger("aiokafka.conn"), logging.Logger("newsreel_runtime")
    library.addHandler(handler)
    ours.addHandler(handler)
    for node in range(100):
        cannot_connect(library, node)
    library.error("another place")
    for _ in range(3):
        ours.error("our own are few, and all of them are meant")
    lines = [json.loads(line)["message"] for line in stream.getvalue().splitlines()]
    assert lines[:2] == ["Unable connect to node with id 0", "another place"]
    assert len(lines[2:]) == 3


def test_the_next_line_says_how_many_were_left_out() -> None:
    moments = iter((0.0, 1.0, 4.9, 5.0, 9.9, 10.0, 20.0))
    stream = io.StringIO()
    handler = telemetry.log_handler("test", stream)
    handler.filters = [RepeatedLines("library", 5.0, lambda: next(moments))]
    library = logging.Logger("library")
    library.addHandler(handler)
    for _ in range(7):
        cannot_connect(library, 1)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line.get("left_out") for line in lines] == [None, 2, 1, None]
