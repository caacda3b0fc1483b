"""What a store of published files is."""

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, Protocol

from catalog.domain.media_place import Place, Placement


class MediaStore(Protocol):
    """A key names the same bytes for ever: what is there is whole, and is not written again.

    Every method raises `OSError` when the store cannot be reached, read or written.
    """

    def key_of(self, place: Place) -> str:
        """The key under which the file of that place lies."""
        ...

    def holds(self, wanted: Placement) -> bool:
        """Whether these bytes are there."""
        ...

    def put(self, wanted: Placement, source: BinaryIO) -> None:
        """Bring the file in, whole or not at all.

        Raises `ImportRefusedError` when `source` has other bytes than `wanted` says.
        """
        ...

    def keys(self) -> Iterator[str]:
        """All that is there. What others keep beside it is not listed."""
        ...

    def remove(self, key: str) -> None:
        """Also of a key that is not there."""
        ...

    def discard_unfinished(self, before: datetime) -> int:
        """Drop what imports left half written before then, and say how many files that were."""
        ...
