"""`tail`: a topic's records, decoded, as they come. Its Kafka client is an extra of this package."""

import asyncio
import logging
import ssl
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from newsreel_events.envelope import MalformedError, UnknownTypeError, parse


class TailError(Exception):
    """Why it cannot be read: one line that says what to do."""


def tail(topic: str, environment: Mapping[str, str], *, from_beginning: bool, count: int | None) -> int:
    """Print records until `count` or Ctrl-C. Raises `TailError` when the broker is away or refuses."""
    options = connection(environment)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)  # says why a broker cannot be used
    try:
        return asyncio.run(_tail(topic, options, from_beginning=from_beginning, count=count))
    except KafkaError as error:
        where = options["bootstrap_servers"]
        raise TailError(
            f"{topic} at {where}: {type(error).__name__}: {' '.join(map(str, error.args))}"
        ) from error


def connection(environment: Mapping[str, str]) -> dict[str, Any]:
    """aiokafka's options from the names that every service uses."""
    bootstrap = environment.get("NEWSREEL_KAFKA_BOOTSTRAP")
    if not bootstrap:
        raise TailError("NEWSREEL_KAFKA_BOOTSTRAP is not set: host:port of the broker")
    options: dict[str, Any] = {"bootstrap_servers": bootstrap}
    tls = environment.get("NEWSREEL_KAFKA_TLS", "").lower() in {"1", "true", "yes"}
    user = environment.get("NEWSREEL_KAFKA_USER")
    protocol = ("SASL_" if user else "") + ("SSL" if tls else "PLAINTEXT")
    options["security_protocol"] = protocol
    if tls:
        options["ssl_context"] = ssl.create_default_context()
    if user:
        password = environment.get("NEWSREEL_KAFKA_PASSWORD", "")
        options |= {
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_plain_username": user,
            "sasl_plain_password": password,
        }
    return options


async def _tail(topic: str, options: dict[str, Any], *, from_beginning: bool, count: int | None) -> int:
    start = "earliest" if from_beginning else "latest"
    consumer = AIOKafkaConsumer(topic, auto_offset_reset=start, **options)
    try:
        await consumer.start()
        if not consumer.partitions_for_topic(topic):
            raise TailError(f"{topic} is not there, or is not yours to see")
        shown = 0
        while count is None or shown < count:
            print(line(await consumer.getone()), flush=True)
            shown += 1
    finally:
        await consumer.stop()
    return 0


def line(record: "ConsumerRecord[Any, Any]") -> str:
    """One record for people: time, type, key, data; or why it cannot be shown."""
    key = (record.key or b"").decode(errors="backslashreplace")
    at = f"{record.topic}[{record.partition}]@{record.offset}"
    if record.value is None:
        return f"{at} tombstone {key}"
    try:
        envelope, event = parse(record.headers, record.key, record.value)
    except UnknownTypeError as error:
        return f"{at} unknown type {error} {key}"
    except MalformedError as error:
        return f"{at} malformed {key}: {error}"
    return f"{envelope.time.isoformat()} {event.type} {key} {event.model_dump_json()}"
