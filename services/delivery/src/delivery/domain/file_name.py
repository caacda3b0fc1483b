"""How a file name is offered to a browser (RFC 6266, 8187)."""

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote

LONGEST_BYTES = 180  # in UTF-8; leaves room for a browser's own "(1)" within the usual 255
_FORBIDDEN = frozenset('/\\"')
_NOT_TEXT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # controls, bidi marks, line separators
_EDGES = re.compile(r"^[\s.]+|\s+$")


def clean(name: str) -> str:
    """The name without what could lead out of a folder, break a header or mislead a reader."""
    kept = "".join(
        letter
        for letter in name
        if letter not in _FORBIDDEN and unicodedata.category(letter) not in _NOT_TEXT
    )
    return _shortened(_EDGES.sub("", unicodedata.normalize("NFC", kept)))


def disposition(name: str) -> str:
    """A `Content-Disposition` that saves under `name`, with an ASCII form for old clients."""
    cleaned = clean(name) or "download"
    plain = unicodedata.normalize("NFKD", cleaned)
    fallback = "".join(
        letter if " " <= letter <= "~" and letter not in '%"\\' else "_"
        for letter in plain
        if not unicodedata.combining(letter)
    )
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(cleaned, safe='')}"


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    ending = PurePosixPath(name).suffix
    if len(ending.encode()) > 16:
        ending = ""
    stem = name.removesuffix(ending).encode()[: LONGEST_BYTES - len(ending.encode())]
    return stem.decode(errors="ignore").rstrip() + ending
