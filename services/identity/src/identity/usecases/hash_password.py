"""Password hashing in a bounded thread pool: off the event loop, with limits for memory and queue."""

import asyncio
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from identity import errors
from identity.domain import password_hash

T = TypeVar("T")
_NICENESS = 10


def _lower_priority() -> None:
    """Requests get a processor before hashes do: Linux has a niceness per thread."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


class Hashing:
    """`threads` hashes at once (19 MiB each), at most `waiting` more in the queue."""

    def __init__(self, threads: int, waiting: int) -> None:
        self._room = threads + waiting
        self._taken = 0
        self._pool = ThreadPoolExecutor(threads, "hash", initializer=_lower_priority)

    def hash(self, password: str) -> "asyncio.Future[str]":
        """Begin to hash. Raises `ServiceError` 503 at once when the queue is full."""
        return self._begin(lambda: password_hash.hash_password(password))

    def verify(self, stored: str | None, password: str) -> "asyncio.Future[bool]":
        """Begin to verify; without a stored hash the same work is done, and the answer is no."""
        verified = stored if stored is not None else password_hash.DUMMY
        return self._begin(lambda: password_hash.matches(verified, password) and stored is not None)

    def close(self) -> None:
        """Cancel the hashes that have not begun."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, work: Callable[[], T]) -> "asyncio.Future[T]":
        if self._taken >= self._room:
            raise errors.busy()
        self._taken += 1
        begun = asyncio.wrap_future(self._pool.submit(work))
        begun.add_done_callback(self._release)
        return begun

    def _release(self, _: "asyncio.Future[T]") -> None:
        self._taken -= 1
