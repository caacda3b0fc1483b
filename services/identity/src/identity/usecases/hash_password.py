"""Password hashing in a bounded thread pool: off the event loop, with limits for memory and queue."""

import asyncio
import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from identity import errors
from identity.domain.password_hash import DUMMY, PasswordHash, hash_password, is_outdated, matches
from newsreel_runtime.keyring import KeyRing

T = TypeVar("T")
_log = logging.getLogger(__name__)
_NICENESS = 10


def _lower_priority() -> None:
    """Requests get a processor before hashes do: Linux has a niceness per thread."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


class Hashing:
    """`threads` hashes at once (19 MiB each), at most `waiting` more in the queue; `pepper` is live."""

    def __init__(self, threads: int, waiting: int, pepper: KeyRing | None = None) -> None:
        self._pepper = pepper
        self._room = threads + waiting
        self._taken = 0
        self._pool = ThreadPoolExecutor(threads, "hash", initializer=_lower_priority)

    def hash(self, password: str) -> "asyncio.Future[PasswordHash]":
        """Begin to hash. Raises `ServiceError` 503 at once when the queue is full."""
        return self._begin(partial(hash_password, password, self._pepper))

    def verify(self, stored: PasswordHash | None, password: str) -> "asyncio.Future[bool]":
        """Begin to verify; without a stored hash, or its key, the same work is done and the answer is no."""
        key_id = self._current_id if stored is None else stored.key_id
        key = None if self._pepper is None or key_id is None else self._pepper.get(key_id)
        is_known = stored is not None and (key is None) == (key_id is None)
        if stored is not None and not is_known:
            _log.error(
                "a password was hashed under %s, which NEWSREEL_IDENTITY_PEPPER_KEYS lacks: bring that key "
                "back, or the owners of such accounts have to reset their passwords",
                key_id,
            )
        phc = stored.phc if stored is not None and is_known else DUMMY
        return self._begin(lambda: matches(phc, password, key) and is_known)

    def is_outdated(self, stored: PasswordHash) -> bool:
        """Whether it was made with other parameters, or under another key, than today's."""
        return stored.key_id != self._current_id or is_outdated(stored.phc)

    @property
    def _current_id(self) -> str | None:
        return None if self._pepper is None else self._pepper.current[0]

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
