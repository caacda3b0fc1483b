"""A secret, and every form in which it could lie somewhere."""

import base64
import binascii
import html
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "access token",
    "address",
    "bearer ticket",
    "browser id",
    "challenge secret",
    "client secret",
    "code",
    "flow cookie",
    "form token",
    "key",
    "known browser",
    "password",
    "reset token",
    "session token",
    "signature",
    "ticket",
    "unsubscribe token",
]
SHORTEST = 8  # bytes of a form; a shorter one is found everywhere by chance
_TYPED: frozenset[Kind] = frozenset({"address", "code", "password"})  # all others are made by a machine
_BASE64URL = re.compile(r"[A-Za-z0-9_-]{16,}")
_HEX = re.compile(r"[0-9a-f]{32,}")


@dataclass(frozen=True)
class Secret:
    """What must stay secret, as it was typed or given."""

    kind: Kind
    text: str


def forms(secret: Secret) -> set[bytes]:
    """As it is and as it is decoded, each plain, escaped, in hexadecimal and in base64.

    Raises `ValueError` for a secret that is too short to be searched.
    """
    texts = _texts(secret)
    raw = {text.encode() for text in texts} | {made for text in texts for made in _decoded(secret.kind, text)}
    found = {escaped.encode() for text in texts for escaped in _escaped(text)}
    for content in raw:
        found |= {content, content.hex().encode(), content.hex().upper().encode()} | _base64(content)
    if min(map(len, found)) < SHORTEST:
        raise ValueError(f"this {secret.kind} is too short to be searched")
    return found


def is_plain_code(secret: Secret, form: bytes) -> bool:
    """Whether it is eight digits, which stand in longer numbers by chance."""
    return secret.kind == "code" and form.isdigit() and len(form) == 8


def _texts(secret: Secret) -> set[str]:
    """The text, and what alone would do: of a token with parts the last one, which nobody can make."""
    if secret.kind == "code":
        return {secret.text, secret.text.replace(" ", ""), secret.text.replace(" ", "-")}
    if secret.kind == "address":
        return {secret.text, secret.text.lower()}
    if secret.kind == "ticket":
        return {secret.text, secret.text.replace("-", "")}
    return {secret.text} if secret.kind in _TYPED else {secret.text, secret.text.rpartition(".")[2]}


def _decoded(kind: Kind, text: str) -> set[bytes]:
    if kind in _TYPED:
        return set()
    found = set()
    if _HEX.fullmatch(text) and len(text) % 2 == 0:
        found.add(bytes.fromhex(text))
    if _BASE64URL.fullmatch(text):
        with suppress(binascii.Error):  # of a length that base64 does not have
            found.add(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


def _escaped(text: str) -> set[str]:
    """As it stands in JSON, in HTML and, percent-decoded, in forms."""
    in_json = {json.dumps(text, ensure_ascii=only)[1:-1] for only in (True, False)}
    return {text, text.replace(" ", "+"), html.escape(text)} | in_json


def _base64(content: bytes) -> set[bytes]:
    """The symbols that are the same whatever stands before and behind it, for each of the three places."""
    found = set()
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + content)
        first, last = (0, 2, 3)[before], (before + len(content)) * 8 // 6
        kept = encoded[first:last]
        found |= {kept, kept.replace(b"+", b"-").replace(b"/", b"_")}
    return found
