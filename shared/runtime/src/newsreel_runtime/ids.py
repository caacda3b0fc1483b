"""Identifiers that sort by the time they were made."""

from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562 §5.7)."""
    return compat.uuid7()
