"""The edge's own URLs, `dl1`: issued and checked for one public origin."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import quote

from delivery.domain.origin import authority
from delivery.domain.signed_url import BACKDATED_SECONDS, Keys, Link, sign, verify
from delivery.domain.signer import query_value


@dataclass(frozen=True)
class EdgeSigner:
    """`origin` is where the bytes are served; `seconds` is how long a URL lives (24 h at most)."""

    origin: str
    keys: Keys
    seconds: int

    def __post_init__(self) -> None:
        """Raises `ValueError` when no URL could be issued: at the start, not at the first download."""
        self.issue("rendition/file", "file", "grant", datetime.fromtimestamp(1_000_000_000, UTC))

    def issue(self, key: str, name: str, grant: str, at: datetime) -> str:
        """See `Signer`; backdated for skewed clocks."""
        kid, secret = self.keys.current
        second = int(at.timestamp())
        link = Link(
            host=self._host,
            path="/r/" + quote(key),
            expires=second + self.seconds,
            not_before=second - BACKDATED_SECONDS,
            kid=kid,
            grant=grant,
            name=query_value(name),
        )
        return self.origin.rstrip("/") + sign(link, secret)

    def check(self, path: str, query: str, at: datetime) -> Link:
        """Judge a request's raw path and query. Raises `LinkRefusedError` or `LinkExpiredError`.

        The host of the signed text is this signer's origin, not a header of the request: what a proxy
        forwards, or a caller invents, changes nothing.
        """
        return verify(self._host, path, query, self.keys, int(at.timestamp()))

    @cached_property
    def _host(self) -> str:
        return authority(self.origin)
