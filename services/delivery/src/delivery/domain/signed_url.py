"""The signed URL `dl1`: its fields, the text that is signed, and how a URL is judged.

    https://<host>/r/<rendition>/<file>?e=<expires>&n=<not before>&k=<key>&g=<grant>&d=<name>&s=<signature>

Everything is compared as it stands on the wire, before any decoding: two spellings of one path are two paths.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from delivery.domain import signature

LONGEST_SECONDS = 86_400  # what a verifier accepts at most between issue and expiry
BACKDATED_SECONDS = 60  # a signer's clock may run ahead of a verifier's by this much

_WORD = r"[A-Za-z0-9_-]{1,64}"
_NAME = r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2}){1,540}"
_SECONDS = r"[1-9][0-9]{0,10}"  # canonical and bounded: no sign, no leading zero, no milliseconds
_PATTERNS: Mapping[str, re.Pattern[str]] = {
    "host": re.compile(r"(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[1-9][0-9]{0,4})?"),
    "path": re.compile(rf"/r/{_WORD}/{_NAME}"),
    "e": re.compile(_SECONDS),
    "n": re.compile(_SECONDS),
    "k": re.compile(_WORD),
    "g": re.compile(_WORD),
    "d": re.compile(_NAME),
    "s": re.compile(r"[A-Za-z0-9_-]{43}"),
}
_REFUSED_IN_PATH = re.compile(r"%2[ef]|%5c|%00|//|/\.\.?(?:/|$)", re.IGNORECASE)
_PARAMETERS = frozenset("enkgds")
_NO_KEY = bytes(32)  # what an unknown key id is computed with, so that it takes as long as a wrong signature


class LinkRefusedError(Exception):
    """Not a URL that this service signed for this place and time. It does not say why, nor holds the URL."""


class LinkExpiredError(Exception):
    """A URL that was good once; `grant` is whose ticket gives a fresh one."""

    def __init__(self, grant: str) -> None:
        super().__init__("expired")
        self.grant = grant


class Keys(Protocol):
    """Named signing keys: the current one signs, each one verifies."""

    @property
    def current(self) -> tuple[str, bytes]: ...

    def get(self, kid: str) -> bytes | None: ...


@dataclass(frozen=True)
class Link:
    """What a URL says. `path` and `name` are percent-encoded, `expires` and `not_before` are Unix seconds.

    `host` is the authority: lower case, with the port unless it is the scheme's own.
    Raises `ValueError` for a field that could be mistaken for another spelling or another line.
    """

    host: str
    path: str
    expires: int
    not_before: int
    kid: str
    grant: str
    name: str

    def __post_init__(self) -> None:
        fields = {
            "host": self.host,
            "path": self.path,
            "e": str(self.expires),
            "n": str(self.not_before),
            "k": self.kid,
            "g": self.grant,
            "d": self.name,
        }
        for field, value in fields.items():
            if _PATTERNS[field].fullmatch(value) is None:
                raise ValueError(f"{field} is not canonical")
        if _REFUSED_IN_PATH.search(self.path):
            raise ValueError("path is not canonical")
        if not 0 < self.expires - self.not_before <= LONGEST_SECONDS + BACKDATED_SECONDS:
            raise ValueError("the URL's life is out of bounds")

    @property
    def canonical(self) -> str:
        """The nine lines that are signed. No field can hold a line feed, so no two links share a text."""
        lines = (
            self.host,
            self.path,
            str(self.expires),
            str(self.not_before),
            self.kid,
            self.grant,
            self.name,
        )
        return "\n".join(("dl1", "GET", *lines))


def sign(link: Link, key: bytes) -> str:
    """The URL's path and query."""
    return (
        f"{link.path}?e={link.expires}&n={link.not_before}&k={link.kid}&g={link.grant}&d={link.name}"
        f"&s={signature.of(link.canonical, key)}"
    )


def verify(host: str, path: str, query: str, keys: Keys, at: int) -> Link:
    """Judge a request's raw path and query as of Unix second `at`. The method is GET or HEAD.

    `host` is the verifier's own: taking it from the request would let a caller choose what is checked.
    Raises `LinkRefusedError`, or `LinkExpiredError` when everything but the time is right.
    """
    values = _parameters(query)
    if _PATTERNS["e"].fullmatch(values["e"]) is None or _PATTERNS["n"].fullmatch(values["n"]) is None:
        raise LinkRefusedError
    try:
        link = Link(host, path, int(values["e"]), int(values["n"]), values["k"], values["g"], values["d"])
    except ValueError:
        raise LinkRefusedError from None
    key = keys.get(link.kid)
    right = signature.of(link.canonical, key if key is not None else _NO_KEY)
    if not hmac.compare_digest(right.encode(), values["s"].encode()) or key is None:
        raise LinkRefusedError
    if at < link.not_before:
        raise LinkRefusedError
    if at >= link.expires:
        raise LinkExpiredError(link.grant)
    return link


def _parameters(query: str) -> dict[str, str]:
    """Each of the six parameters exactly once, in any order, and nothing else."""
    values: dict[str, str] = {}
    for part in query.split("&"):
        name, separator, value = part.partition("=")
        if not separator or name not in _PARAMETERS or name in values:
            raise LinkRefusedError
        values[name] = value
    if len(values) != len(_PARAMETERS) or _PATTERNS["s"].fullmatch(values["s"]) is None:
        raise LinkRefusedError
    return values
