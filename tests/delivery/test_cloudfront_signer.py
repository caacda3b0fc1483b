"""CloudFront's URLs: as botocore makes them, as the published vectors say, with keys that it takes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.signers import CloudFrontSigner as TheirSigner
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)

from delivery.domain.cloudfront_signer import CloudFrontSigner, PrivateKey
from newsreel_testing.url_receivers import judged_by_cloudfront, rsa_key

_FILE = json.loads((Path(__file__).parents[2] / "services/delivery/vectors/cloudfront.json").read_text())
_SIGNED: list[dict[str, Any]] = _FILE["signed"]
_PUBLIC: dict[str, Any] = {
    kid: load_pem_public_key(key["public"].encode()) for kid, key in _FILE["keys"].items()
}
AT = datetime(2026, 11, 27, 9, 30, 5, tzinfo=UTC)


def _name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def _issued(vector: dict[str, Any]) -> str:
    key = PrivateKey.read(vector["key_pair_id"], _FILE["keys"][vector["key_pair_id"]]["private"].encode())
    signer = CloudFrontSigner(
        vector["origin"], lambda: key, vector["seconds"], vector["custom"], vector["hash"]
    )
    return signer.issue(vector["key"], vector["save_as"], "g1", datetime.fromtimestamp(vector["at"], UTC))


@pytest.mark.parametrize("vector", _SIGNED, ids=_name)
def test_our_signer_agrees(vector: dict[str, Any]) -> None:
    ours, right = _issued(vector), vector["url"]
    if "ECDSA" in vector["name"]:  # randomised: all but the signature
        ours, right = (url.partition("&Signature=")[0] for url in (ours, right))
    assert ours == right
    for url in (_issued(vector), vector["url"]):
        assert judged_by_cloudfront(url, datetime.fromtimestamp(vector["at"], UTC), _PUBLIC) == "accepted"


@pytest.mark.parametrize("vector", _FILE["judged"], ids=_name)
def test_the_rules_agree(vector: dict[str, Any]) -> None:
    at = datetime.fromtimestamp(vector["at"], UTC)
    assert judged_by_cloudfront(vector["url"], at, _PUBLIC) == vector["expect"]


@pytest.mark.parametrize("name", ["brussels presser.mxf", "Прес-конференція +100%.mxf", "a*b?c&d.mxf"])
def test_it_is_what_botocore_makes(name: str) -> None:
    key = rsa_key("KEXAMPLE")
    theirs = TheirSigner("KEXAMPLE", lambda policy: key.sign(policy, "SHA1"))
    begins, ends = (datetime.fromtimestamp(AT.timestamp() + seconds, UTC) for seconds in (-60, 3600))
    for custom in (False, True):
        ours = CloudFrontSigner("https://cdn.example.org", lambda: key, 3600, custom, "SHA1")
        url = ours.issue(f"r1/{name}", name, "g1", AT)
        address = url.partition("&Policy=" if custom else "&Expires=")[0]
        if custom:
            policy = theirs.build_policy(address, ends, date_greater_than=begins)
            assert url == theirs.generate_presigned_url(address, policy=policy)
        else:
            assert url == theirs.generate_presigned_url(address, date_less_than=ends)


def _pem(key: Any, encryption: KeySerializationEncryption | None = None) -> bytes:
    made: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())
    return made


@pytest.mark.parametrize(
    "pem",
    [
        lambda: _pem(rsa.generate_private_key(65537, 3072)),
        lambda: _pem(ec.generate_private_key(ec.SECP384R1())),
        lambda: _pem(ed25519.Ed25519PrivateKey.generate()),
        lambda: _pem(ec.generate_private_key(ec.SECP256R1()), BestAvailableEncryption(b"password")),
        _FILE["keys"]["KECP256EXAMPLE"]["public"].encode,
        lambda: b"not a key",
        lambda: b"",
    ],
    ids=["rsa-3072", "p-384", "ed25519", "encrypted", "public", "text", "empty"],
)
def test_a_key_that_cloudfront_would_not_take_is_refused(pem: Callable[[], bytes]) -> None:
    with pytest.raises(ValueError, match="CloudFront"):
        PrivateKey.read("KEXAMPLE", pem())
