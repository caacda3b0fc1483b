"""A published file, as the edge is told of it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class EdgeFile:
    """A published file: its path in the media folder, and its sha256 (hexadecimal), which is its entity tag.

    None: nobody knows it. Nor does anybody know how long a poster is.
    """

    path: str
    media_type: str
    sha256: str | None
    size: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def etag(self) -> str | None:
        return None if self.sha256 is None else f'"{self.sha256}"'

    def about(self) -> dict[str, str]:
        """The headers of every answer; `Repr-Digest` is of the whole, also beside a part (RFC 9530 §3)."""
        found = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox", **self.headers}
        if self.sha256 is not None:
            digest = base64.b64encode(bytes.fromhex(self.sha256)).decode()
            found |= {"ETag": f'"{self.sha256}"', "Repr-Digest": f"sha-256=:{digest}:"}
        return found
