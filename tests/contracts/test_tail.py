"""`tail` on a real bus: decoded records, whatever is among them; and clear words when it may or can not."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from newsreel_events.record_file import RecordFile
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import foreign_producer

TOPIC = "catalog.transcript.v1"
TYPE = "newsreel.catalog.transcript.published.v1"


def environment(kafka: Kafka, **changed: str) -> dict[str, str]:
    """How a person at a shell connects."""
    assert kafka.user is not None
    assert kafka.password is not None
    own = {
        "NEWSREEL_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "NEWSREEL_KAFKA_USER": kafka.user,
        "NEWSREEL_KAFKA_PASSWORD": kafka.password.get_secret_value(),
    }
    return {**os.environ, **own, **changed}


@pytest.fixture
async def lines(team: Kafka) -> AsyncIterator[asyncio.StreamReader]:
    """What `tail --from-beginning` prints."""
    command = [sys.executable, "-m", "newsreel_events", "tail", TOPIC, "--from-beginning"]
    process = await asyncio.create_subprocess_exec(
        *command, env=environment(team), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    yield process.stdout
    process.terminate()
    await process.wait()


async def test_it_shows_whatever_comes(
    kafka: Kafka, golden: dict[str, RecordFile], lines: asyncio.StreamReader
) -> None:
    record, marks = (
        golden[TYPE],
        {name: f"{name}-{uuid4()}" for name in ("unknown", "broken", "gone", "good")},
    )
    later = [(n, b"newsreel.catalog.transcript.sung.v1" if n == "ce_type" else v) for n, v in record.headers]
    async with foreign_producer(kafka) as producer:
        for mark, headers, value in (
            ("unknown", later, record.value),
            ("broken", [*record.headers, ("x", b"\xff")], b"{"),
            ("gone", [], None),
            ("good", list(record.headers), record.value),
        ):
            await producer.send_and_wait(TOPIC, value, key=marks[mark].encode(), headers=headers)
    shown: dict[str, str] = {}
    async with asyncio.timeout(30):
        while shown.keys() != marks.keys():
            line = (await lines.readline()).decode()
            shown |= {name: line for name, key in marks.items() if key in line}
    assert " unknown type newsreel.catalog.transcript.sung.v1 " in shown["unknown"]
    assert " malformed " in shown["broken"]
    assert " tombstone " in shown["gone"]
    assert f" {TYPE} " in shown["good"]
    assert "trois jours après la tempête" in shown["good"]


def run(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "newsreel_events", "tail", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)


async def test_it_ends_after_the_count_and_private_needs_a_word(
    kafka: Kafka, golden: dict[str, RecordFile]
) -> None:
    record = golden["newsreel.identity.contact.changed.v1"]
    async with foreign_producer(kafka) as producer:
        await producer.send_and_wait(
            record.topic, record.value, key=record.key.encode(), headers=list(record.headers)
        )
    refused = run(environment(kafka), record.topic, "--from-beginning", "--count", "1")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "is private" in refused.stderr
    done = run(environment(kafka), record.topic, "--private", "--from-beginning", "--count", "1")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)


async def test_the_broker_decides_about_private_topics(team: Kafka) -> None:
    refused = run(environment(team), "identity.contact.v1", "--private", "--from-beginning", "--count", "1")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "TopicAuthorizationFailed" in refused.stderr
    assert "Traceback" not in refused.stderr


async def test_a_broker_that_refuses_or_is_away_is_said(kafka: Kafka) -> None:
    wrong = run(environment(kafka, NEWSREEL_KAFKA_PASSWORD="wrong"), TOPIC)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "Traceback" not in wrong.stderr
    assert "Authentication" in wrong.stderr
    away = run(environment(kafka, NEWSREEL_KAFKA_BOOTSTRAP="127.0.0.1:1"), TOPIC)
    assert away.returncode == 1
    assert "127.0.0.1:1" in away.stderr
    assert "Traceback" not in away.stderr
