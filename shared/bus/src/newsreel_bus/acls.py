"""Kafka's ACLs: those that the topics table gives, and none of ours beside them."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from newsreel_bus.admin import TIMEOUT, admin_client
from newsreel_events.access import Right, rights
from newsreel_events.topics import TOPICS
from newsreel_runtime.settings import Kafka

_POLL = 0.02
_KINDS = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}
_OPERATIONS = {"read": AclOperation.READ, "write": AclOperation.WRITE}
_READING = {AclOperation.READ, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS}
_ANY: Any = None  # what a filter takes for any name, principal and host; its annotations do not say so
_EVERY = AclBindingFilter(
    ResourceType.ANY, _ANY, ResourcePatternType.ANY, _ANY, _ANY, AclOperation.ANY, AclPermissionType.ANY
)


@dataclass(frozen=True)
class Changes:
    """What had to be done to make the broker's ACLs those of the table."""

    added: frozenset[AclBinding]
    removed: frozenset[AclBinding]


def binding(right: Right) -> AclBinding:
    """The ACL that grants it, from any host."""
    pattern = ResourcePatternType.PREFIXED if right.prefix else ResourcePatternType.LITERAL
    operation = _OPERATIONS[right.operation]
    allow = AclPermissionType.ALLOW
    return AclBinding(_KINDS[right.kind], right.name, pattern, f"User:{right.user}", "*", operation, allow)


def surplus(found: Iterable[AclBinding], granted: frozenset[Right]) -> frozenset[AclBinding]:
    """Those that the table does not give and that concern us.

    All of our own users and of `User:*`; another user's where they reach one of our groups or topics, except
    reading public topics, which is every team's to have.
    """
    wanted = set(map(binding, granted))
    ours = {rule.principal for rule in wanted} | {"User:*"}
    return frozenset(
        rule
        for rule in found
        if rule not in wanted and (rule.principal in ours or not _is_a_readers(rule, granted))
    )


def _is_a_readers(acl_binding: AclBinding, granted: frozenset[Right]) -> bool:
    reached = {
        right.name
        for right in granted
        if _KINDS[right.kind] == acl_binding.restype and _covers(acl_binding, right)
    }
    public = {topic.name for topic in TOPICS if topic.public}
    return not reached or (acl_binding.operation in _READING and reached <= public)


def _covers(acl_binding: AclBinding, right: Right) -> bool:
    if acl_binding.resource_pattern_type == ResourcePatternType.PREFIXED:
        return right.name.startswith(acl_binding.name)
    return acl_binding.name in ("*", right.name)


async def list_acls(admin: AdminClient) -> frozenset[AclBinding]:
    """All that there are. Raises `confluent_kafka.KafkaException`."""
    found = await asyncio.wrap_future(admin.describe_acls(_EVERY, request_timeout=TIMEOUT))
    return frozenset(found)


async def add(admin: AdminClient, acls: frozenset[AclBinding]) -> None:
    """Create them, and return when they hold; one that is there already stays.

    Raises `confluent_kafka.KafkaException`, or `TimeoutError` when the broker does not apply them.
    """
    if acls:
        created = admin.create_acls(list(acls), request_timeout=TIMEOUT)
        await asyncio.gather(*map(asyncio.wrap_future, created.values()))
        await _until_applied(admin, lambda found: acls <= found)


async def remove(admin: AdminClient, acls: frozenset[AclBinding]) -> None:
    """Delete them, and return when they no longer hold. Raises as `add` does."""
    if acls:
        deleted = admin.delete_acls(list(map(_exactly, acls)), request_timeout=TIMEOUT)
        await asyncio.gather(*map(asyncio.wrap_future, deleted.values()))
        await _until_applied(admin, lambda found: not acls & found)


async def ensure_acls(kafka: Kafka) -> Changes:
    """Add what is missing of the table's, then remove the surplus, and say which. Raises as `add` does."""
    granted = rights()
    admin = admin_client(kafka)
    found = await list_acls(admin)
    changes = Changes(frozenset(map(binding, granted)) - found, surplus(found, granted))
    await add(admin, changes.added)
    await remove(admin, changes.removed)
    return changes


async def _until_applied(admin: AdminClient, holds: Callable[[frozenset[AclBinding]], bool]) -> None:
    """A broker answers when a change is decided, and applies it after all that was decided before."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            if holds(await list_acls(admin)):
                return
            await asyncio.sleep(_POLL)


def _exactly(acl_binding: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        acl_binding.restype,
        acl_binding.name,
        acl_binding.resource_pattern_type,
        acl_binding.principal,
        acl_binding.host,
        acl_binding.operation,
        acl_binding.permission_type,
    )
