"""Issues and checks the signed URLs of one public origin."""

from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from delivery.domain.signed_url import BACKDATED_SECONDS, Keys, Link, sign, verify

_OWN_PORT = {"http": 80, "https": 443}


def authority(origin: str) -> str:
    """The host of `http(s)://host[:port]`, lower case, with the port unless it is the scheme's own."""
    parts = urlsplit(origin.lower())
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    own = parts.port is None or parts.port == _OWN_PORT.get(parts.scheme)
    return host if own else f"{host}:{parts.port}"


@dataclass(frozen=True)
class UrlSigner:
    """`origin` is where the bytes are served; `seconds` is how long a URL lives (24 h at most)."""

    origin: str
    keys: Keys
    seconds: int

    def __post_init__(self) -> None:
        """Raises `ValueError` when no URL could be issued: at the start, not at the first download."""
        self.issue("rendition", "file", "grant", datetime.fromtimestamp(1_000_000_000, UTC))

    def issue(self, rendition: str, file: str, grant: str, at: datetime) -> str:
        """A fresh URL for one file, valid from `at` (backdated for skewed clocks)."""
        kid, key = self.keys.current
        second = int(at.timestamp())
        name = quote(file, safe="")
        link = Link(
            host=authority(self.origin),
            path=f"/r/{rendition}/{name}",
            expires=second + self.seconds,
            not_before=second - BACKDATED_SECONDS,
            kid=kid,
            grant=grant,
            name=name,
        )
        return self.origin.rstrip("/") + sign(link, key)

    def check(self, path: str, query: str, at: datetime) -> Link:
        """Judge a request's raw path and query. Raises `LinkRefusedError` or `LinkExpiredError`.

        The host of the signed text is this signer's origin, not a header of the request: what a proxy
        forwards, or a caller invents, changes nothing.
        """
        return verify(authority(self.origin), path, query, self.keys, int(at.timestamp()))
