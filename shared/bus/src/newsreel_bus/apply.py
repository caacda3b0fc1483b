"""Bring a Kafka to what the topics table says: what is missing is made, nothing is deleted unasked."""

import asyncio
import time
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from newsreel_bus import acls, topics
from newsreel_bus.admin import TIMEOUT, admin_client
from newsreel_bus.plan import Plan, compare
from newsreel_bus.users import read_passwords, set_passwords
from newsreel_runtime.settings import Kafka

_DONE, _NOT_ALL = 0, 1
_AGAIN = 1.0  # seconds between two tries to reach a Kafka that starts
_LOOK = 0.2


async def apply(
    kafka: Kafka,
    *,
    users: Path | None = None,
    more_partitions: bool = False,
    revoke: bool = False,
    wait: float = 0,
) -> int:
    """A line for each thing done. 1 when the table wants more than it was allowed to do.

    A run that ends in the middle is completed by the next one. Raises `KafkaException`, `TimeoutError`,
    `UsersError` or `OSError`.
    """
    passwords = {} if users is None else read_passwords(users)
    admin = admin_client(kafka)
    plan = await _reached(admin, wait)
    if passwords:
        await set_passwords(admin, passwords)
        print(f"users {', '.join(passwords)} have the passwords of {users}", flush=True)
    # Rights first: they apply at once, but only seconds later after new topics.
    await acls.add(admin, plan.granted)
    _say(len(plan.granted), "rights granted")
    if revoke:
        await acls.remove(admin, plan.surplus)
        _say(len(plan.surplus), "rights taken away")
    await topics.create(admin, plan.missing, plan.cluster.replicas)
    _say(len(plan.missing), "topics created")
    await topics.configure(admin, plan.changes)
    _say(sum(map(len, plan.changes.values())), "settings changed")
    if more_partitions:
        await topics.add_partitions(admin, plan.narrow)
        _say(len(plan.narrow), "topics with more partitions")
    return _rest(await _settled(admin, more_partitions))


async def _reached(admin: AdminClient, wait: float) -> Plan:
    end = time.monotonic() + wait
    while True:
        try:
            return await compare(admin)
        except KafkaException:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(_AGAIN)


async def _settled(admin: AdminClient, more_partitions: bool) -> Plan:
    """What is left, once the broker shows what it was told: that comes a moment after its answer."""
    end = time.monotonic() + TIMEOUT
    while True:
        left = await compare(admin)
        is_done = not (left.missing or left.changes or left.granted or (more_partitions and left.narrow))
        if is_done or time.monotonic() > end:
            return left
        await asyncio.sleep(_LOOK)


def _say(count: int, what: str) -> None:
    if count:
        print(f"{count} {what}", flush=True)


def _rest(left: Plan) -> int:
    if left.empty:
        print("the bus is as the topics table says")
        return _DONE
    for line in left.lines():
        print(line)
    return _NOT_ALL if left.narrow or left.missing or left.granted or left.changes else _DONE
