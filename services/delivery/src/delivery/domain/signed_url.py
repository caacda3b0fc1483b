"""The signed URL `dl1`: its fields, the text that is signed, and how a URL is judged.

    https://<host>/r/<rendition>/<file>?e=<expires>&n=<not before>&k=<key>&g=<grant>&d=<name>&s=<signature>

Everything is compared as it stands on the wire, before any decoding: two spellings of one path are two paths.
"""

import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from delivery.domain import signature

LONGEST_SECONDS = 86_400  # what a verifier accepts at most between issue and expiry
BACKDATED_SECONDS = 60  # a signer's clock may run ahead of a verifier's by this much

_WORD = r"[A-Za-z0-9_-]{1,64}"
_PLAIN = "[A-Za-z0-9._~-]*"
_NAME = rf"(?=[^\n]){_PLAIN}(?:%[0-9A-F]{{2}}{_PLAIN})*"
_FILE = rf"(?=[^\n])(?!\.{{1,2}}\n){_PLAIN}(?:%(?!2[EF]|5C|00)[0-9A-F]{{2}}{_PLAIN})*"  # no other folder
_SECONDS = r"[1-9][0-9]{0,10}"  # canonical and bounded: no sign, no leading zero, no milliseconds
_LINES: Mapping[str, str] = {
    "host": r"(?:[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[1-9][0-9]{0,4})?",
    "path": rf"/r/{_WORD}/{_FILE}",
    "e": _SECONDS,
    "n": _SECONDS,
    "k": _WORD,
    "g": _WORD,
    "d": _NAME,
}
_LONGEST_TEXT = (
    2_000  # a name has 180 bytes at most, thrice that when all are escaped, and stands there twice
)
_CANONICAL = re.compile("\n".join(("dl1", "GET", *_LINES.values())))
_WHEN = re.compile(_SECONDS)
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{43}")
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


class Link(NamedTuple):
    """What a URL says. `path` and `name` are percent-encoded, `expires` and `not_before` are Unix seconds.

    `host` is the authority: lower case, with the port unless it is the scheme's own.
    """

    host: str
    path: str
    expires: int
    not_before: int
    kid: str
    grant: str
    name: str

    @property
    def canonical(self) -> str:
        """The nine lines that are signed. No field can hold a line feed, so no two links share a text.

        Raises `ValueError` for a field that could be mistaken for another spelling or another line.
        """
        host, path, expires, not_before, kid, grant, name = self
        text = f"dl1\nGET\n{host}\n{path}\n{expires}\n{not_before}\n{kid}\n{grant}\n{name}"
        if _CANONICAL.fullmatch(text) is None or len(text) > _LONGEST_TEXT:
            raise ValueError(f"{self._wrong()} is not canonical")
        if not 0 < expires - not_before <= LONGEST_SECONDS + BACKDATED_SECONDS:
            raise ValueError("the URL's life is out of bounds")
        return text

    def _wrong(self) -> str:
        for (line, pattern), value in zip(_LINES.items(), self, strict=True):
            if re.fullmatch(f"{pattern}\n", f"{value}\n") is None:
                return line
        return "the length"


def sign(link: Link, key: bytes) -> str:
    """The URL's path and query. Raises `ValueError`, see `Link.canonical`."""
    signed = signature.of(link.canonical, key)
    _, path, expires, not_before, kid, grant, name = link
    return f"{path}?e={expires}&n={not_before}&k={kid}&g={grant}&d={name}&s={signed}"


def verify(host: str, path: str, query: str, keys: Keys, at: int) -> Link:
    """Judge a request's raw path and query as of Unix second `at`. The method is GET or HEAD.

    `host` is the verifier's own: taking it from the request would let a caller choose what is checked.
    Raises `LinkRefusedError`, or `LinkExpiredError` when everything but the time is right.
    """
    values = _parameters(query)
    if _WHEN.fullmatch(values["e"]) is None or _WHEN.fullmatch(values["n"]) is None:
        raise LinkRefusedError
    link = Link(host, path, int(values["e"]), int(values["n"]), values["k"], values["g"], values["d"])
    try:
        text = link.canonical
    except ValueError:
        raise LinkRefusedError from None
    key = keys.get(link.kid)
    right = signature.of(text, key if key is not None else _NO_KEY)
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
    if len(values) != len(_PARAMETERS) or _SIGNATURE.fullmatch(values["s"]) is None:
        raise LinkRefusedError
    return values
