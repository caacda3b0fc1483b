"""What a service is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from newsreel_runtime.settings import Http
from newsreel_runtime.timer import Timer

if TYPE_CHECKING:
    from fastapi import FastAPI

    from newsreel_runtime.consumer.consumer import Consumer
    from newsreel_runtime.database import Database
    from newsreel_runtime.publisher.relay import Relay

ROLES = ("http", "consume", "relay", "timer")


@dataclass(frozen=True)
class Service:
    """What the composition root hands over. A part that a service lacks is None or empty.

    `timers_not_ready` says why one of the timers cannot work now.
    """

    name: str
    http: "FastAPI"
    listen: Http
    database: "Database | None" = None
    consumers: "Sequence[Consumer]" = ()
    relay: "Relay | None" = None
    timers: Sequence[Timer] = ()
    timers_not_ready: Callable[[], str | None] = lambda: None
