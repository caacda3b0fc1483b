"""Steps of a rotation on a key file: a ring `k2:<hex>,k1:<hex>`, or a JWK or JWK Set (RFC 7517)."""

import json
import re
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from joserfc.jwk import OKPKey

from identity.domain.access_token import TokenSigner
from newsreel_runtime.keyring import KeyRing

_NUMBERED = re.compile(r"k(\d+)")
_NEXT = {
    "add": "when every service has had the file for ten minutes: `newsreel keys use`",
    "use": "when what the old key made has ended (tokens ten minutes, codes an hour, sessions "
    "twelve hours, forms a day, passwords with their owners' next sign-in, links for as long as you like): "
    "`newsreel keys withdraw`",
    "withdraw": "what it made ends within five minutes",
}
Keys = Sequence[Any]


class KeyFileError(ValueError):
    """What is wrong, without a key."""


def take_step(path: Path, step: str, check_unused: Callable[[str], None] | None = None) -> str:
    """Change the file; says what was done and when the next step is due. Raises `KeyFileError`, `OSError`.

    `check_unused` gets the id of a key that is to be withdrawn, and raises `KeyFileError` when it must stay.
    """
    text = path.read_text().strip()
    is_jwk = text.startswith("{")
    read, made, write = (_jwks, _jwk_made, _jwks_text) if is_jwk else (_ring, _ring_made, _ring_text)
    try:
        keys = read(text)
    except (ValueError, TypeError, KeyError) as error:
        raise KeyFileError(f"{path} is no key ring and no JWK Set") from error
    changed, named = _step(keys, step, made)
    if step == "withdraw" and check_unused is not None:
        check_unused(named)
    unfinished = path.with_suffix(".part")
    unfinished.touch(mode=path.stat().st_mode & 0o777)
    unfinished.write_text(write(changed))
    unfinished.replace(path)
    return f"{step}: {named}; {_NEXT[step]}"


def _step(keys: Keys, step: str, made: Callable[[Keys], Any]) -> tuple[Keys, str]:
    if step == "add":
        new = made(keys)
        return [*keys, new], _id(new)
    if len(keys) < 2:
        raise KeyFileError(f"there is one key, and nothing to {step}: `add` comes first")
    if step == "use":
        return [keys[-1], *keys[:-1]], _id(keys[-1])
    return keys[:-1], _id(keys[-1])


def _id(key: Any) -> str:
    return str(key["kid"] if isinstance(key, dict) else key[0])


def _ring(text: str) -> list[tuple[str, str]]:
    KeyRing.parse(text)
    named = text if ":" in text else f"0:{text}"
    return [(kid.strip(), digits) for kid, _, digits in (part.partition(":") for part in named.split(","))]


def _ring_made(keys: Keys) -> tuple[str, str]:
    numbers = [int(found[1]) for kid, _ in keys if (found := _NUMBERED.fullmatch(kid))]
    return f"k{max(numbers, default=0) + 1}", secrets.token_hex(32)


def _ring_text(keys: Keys) -> str:
    return ",".join(f"{kid}:{digits}" for kid, digits in keys) + "\n"


def _jwks(text: str) -> list[dict[str, Any]]:
    TokenSigner(lambda: text, issuer="")
    found = json.loads(text)
    given = [OKPKey.import_key(key) for key in found.get("keys", [found])]
    return [key.as_dict(private=key.is_private) | {"kid": key.kid or key.thumbprint()} for key in given]


def _jwk_made(_: Keys) -> dict[str, Any]:
    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "EdDSA"}, private=True, auto_kid=True)
    return dict(key.as_dict(private=True))


def _jwks_text(keys: Keys) -> str:
    return json.dumps({"keys": keys}) + "\n"
