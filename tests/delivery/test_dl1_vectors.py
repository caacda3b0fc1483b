"""The published vectors of dl1, by our verifier."""

import json
from pathlib import Path
from typing import Any

import pytest

from delivery.domain.signed_url import LinkExpiredError, LinkRefusedError, sign, verify
from newsreel_runtime.keyring import KeyRing

_FILE = json.loads((Path(__file__).parents[2] / "services/delivery/vectors/dl1.json").read_text())
_KEYS = {kid: bytes.fromhex(key) for kid, key in _FILE["keys"].items()}
_VECTORS: list[dict[str, Any]] = _FILE["vectors"]


def _name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def _judged(vector: dict[str, Any]) -> str:
    try:
        link = verify(vector["host"], vector["path"], vector["query"], KeyRing(_KEYS), vector["at"])
    except LinkRefusedError:
        return "refused"
    except LinkExpiredError:
        return "expired"
    assert link.canonical == vector["canonical"]
    path, _, query = sign(link, _KEYS[link.kid]).partition("?")
    assert path == vector["path"]
    assert sorted(query.split("&")) == sorted(vector["query"].split("&"))
    return "accepted"


@pytest.mark.parametrize("vector", _VECTORS, ids=_name)
def test_our_verifier_agrees(vector: dict[str, Any]) -> None:
    assert _judged(vector) == vector["expect"]
