"""The envelope of a record without a value: its own, or that of a stranger who sent the key alone."""

from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from newsreel_events import Envelope, MalformedError
from newsreel_events.envelope import parse_envelope
from newsreel_runtime.consumer.record import Place, Record, moment_of

_UNKNOWN = "unknown"


def tombstone_envelope(record: Record, place: Place) -> Envelope:
    """What is known of the tombstone. Raises `MalformedError`.

    Without a header of ours its key is enough: other teams' clients and tools erase a key so. Its id is made
    of its place and its time: it is the same each time the record comes, and another one for a record that
    stands there once the topic is made anew.
    """
    if any(name.startswith("ce_") for name, _ in record.headers):
        return parse_envelope(record.headers, record.key)
    if not record.key:
        raise MalformedError("neither key nor value: it erases nothing")
    try:
        return Envelope(
            id=uuid5(NAMESPACE_URL, f"{place} {moment_of(record)}"),
            type=_UNKNOWN,
            source=_UNKNOWN,
            time=datetime.fromtimestamp(record.timestamp / 1000, UTC),
            key=record.key.decode(),
        )
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedError(
            "a tombstone whose key is not UTF-8 or too long, or whose time is none"
        ) from error
