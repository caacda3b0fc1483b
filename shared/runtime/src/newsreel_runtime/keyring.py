"""Secret keys with names, so that a new one can be brought in while the old one still works."""

from collections.abc import Callable, Mapping
from functools import lru_cache


class KeyRing:
    """Named keys of at least 32 bytes; the first is the current one."""

    def __init__(
        self, keys: Mapping[str, bytes], again: Callable[[], Mapping[str, bytes]] | None = None
    ) -> None:
        if not keys:
            raise ValueError("a key ring needs at least one key")
        self._keys = again or (lambda: keys)

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """From `k2:<hex>,k1:<hex>`; a single key may lack its id. Raises `ValueError` that repeats none."""
        return cls(_parse(text))

    @classmethod
    def read(cls, text: Callable[[], str]) -> "KeyRing":
        """What `parse` makes of `text()`, which is called whenever a key is asked for."""
        return cls(_parse(text()), lambda: _parse(text()))

    @property
    def current(self) -> tuple[str, bytes]:
        """The id and the bytes of the key to use for new things."""
        return next(iter(self._keys().items()))

    @property
    def every(self) -> tuple[bytes, ...]:
        """All keys, the current one first."""
        return tuple(self._keys().values())

    def get(self, kid: str) -> bytes | None:
        """The key of that id, or nothing when it was withdrawn."""
        return self._keys().get(kid)


@lru_cache(maxsize=8)
def _parse(text: str) -> Mapping[str, bytes]:
    keys: dict[str, bytes] = {}
    for part in (text if ":" in text else f"0:{text}").split(","):
        kid, _, digits = part.strip().partition(":")
        try:
            key = bytes.fromhex(digits)
        except ValueError:
            key = b""
        if not kid or len(key) < 32 or kid in keys:
            raise ValueError("a key ring is <id>:<64 hexadecimal digits or more>[,…], and ids differ")
        keys[kid] = key
    return keys
