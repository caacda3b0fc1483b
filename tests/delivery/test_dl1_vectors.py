"""The published vectors of dl1, by our verifier and by a tool that shares no code with it."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from delivery.domain.signed_url import LinkExpiredError, LinkRefusedError, sign, verify
from newsreel_runtime.keyring import KeyRing

_FILE = json.loads((Path(__file__).parents[1] / "contracts/dl1_vectors.json").read_text())
_KEYS = {kid: bytes.fromhex(key) for kid, key in _FILE["keys"].items()}
_VECTORS: list[dict[str, Any]] = _FILE["vectors"]
_SIGNED = [
    vector
    for vector in _VECTORS
    if vector["query"] and "canonical" in vector and "k=k9" not in vector["query"]
]


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


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")
@pytest.mark.parametrize("vector", _SIGNED, ids=_name)
def test_openssl_agrees(vector: dict[str, Any]) -> None:
    parameters = dict(part.split("=", 1) for part in vector["query"].split("&"))
    key = f"hexkey:{_KEYS[parameters['k']].hex()}"
    digest = subprocess.run(
        ["openssl", "dgst", "-sha256", "-mac", "HMAC", "-macopt", key, "-binary"],  # noqa: S607 (whichever it is)
        input=vector["canonical"].encode(),
        capture_output=True,
        check=True,
    ).stdout
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == parameters["s"]
