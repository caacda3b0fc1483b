"""Passwords and keys of one stack: made on its first start, kept in one file that only its owner can read."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from newsreel_local.process import StartError

DATABASE_OWNERS = ("identity", "notifier", "catalog", "delivery")
KAFKA_USERS = ("broker", "admin", *DATABASE_OWNERS)


@dataclass(frozen=True, repr=False)
class Secrets:
    """What no other stack knows. Keys are hex, or `<kid>:<hex>` lists. It never shows itself."""

    postgres_admin: str
    postgres: dict[str, str]
    kafka: dict[str, str]
    code_keys: str
    unsubscribe_keys: str
    identity_signing_key: str
    identity_lookup_key: str
    identity_pepper_keys: str
    delivery_url_keys: str
    portal_signing_key: str


def _made() -> Secrets:
    from joserfc.jwk import OKPKey

    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "EdDSA"}, private=True, auto_kid=True)
    return Secrets(
        postgres_admin=secrets.token_hex(24),
        postgres={name: secrets.token_hex(24) for name in DATABASE_OWNERS},
        kafka={name: secrets.token_hex(24) for name in KAFKA_USERS},
        code_keys=f"k1:{secrets.token_hex(32)}",
        unsubscribe_keys=f"k1:{secrets.token_hex(32)}",
        identity_signing_key=json.dumps(key.as_dict(private=True)),
        identity_lookup_key=secrets.token_hex(32),
        identity_pepper_keys=f"k1:{secrets.token_hex(32)}",
        delivery_url_keys=f"k1:{secrets.token_hex(32)}",
        portal_signing_key=secrets.token_hex(32),
    )


def load_or_make(path: Path) -> Secrets:
    """The secrets in `path`; what it lacks, being new or from an older version, is made and written.

    Raises `StartError` when the file is damaged.
    """
    known: dict[str, Any] = {}
    if path.exists():
        try:
            known = dict(json.loads(path.read_bytes()))
            made = replace(_made(), **known)
        except (ValueError, TypeError) as error:
            raise StartError(
                f"{path} is damaged or from another version: `make reset` starts afresh"
            ) from error
    else:
        made = _made()
    if known == asdict(made):
        return made
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(made), indent=1))
    unfinished.replace(path)
    return made
