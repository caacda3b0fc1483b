"""Signed URLs of CloudFront, with a canned or a custom policy.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html
and, for the keys, https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_PublicKey.html
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from delivery.domain.signed_url import BACKDATED_SECONDS
from delivery.domain.signer import object_path, saved_as

_URL_SAFE = bytes.maketrans(b"+=/", b"-_~")  # CloudFront's own alphabet
_HASHES = {"SHA1": SHA1(), "SHA256": SHA256()}  # noqa: S303 (what CloudFront takes a URL for that names none)


@dataclass(frozen=True)
class PrivateKey:
    """By the id of its public half, which stands in a key group, the last one and the next beside it."""

    key_pair_id: str
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def read(cls, key_pair_id: str, pem: bytes) -> "PrivateKey":
        """From PEM. Raises `ValueError` unless it is RSA with 2048 bits or ECDSA on P-256."""
        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError):
            raise ValueError("CloudFront's key is not an open private key as PEM") from None
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size == 2048:
            return cls(key_pair_id, key)
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            return cls(key_pair_id, key)
        raise ValueError("CloudFront takes RSA keys of 2048 bits and ECDSA keys on P-256, and no other")

    def sign(self, text: bytes, hash_name: str) -> bytes:
        """RSASSA-PKCS1-v1_5 (RFC 8017 §8.2), or ECDSA as DER (RFC 3279 §2.2.3)."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(text, padding.PKCS1v15(), _HASHES[hash_name])
        return self.key.sign(text, ec.ECDSA(_HASHES[hash_name]))


@dataclass(frozen=True)
class CloudFrontSigner:
    """One distribution at `origin`. `key()` is asked at each use.

    `custom`: the policy travels in the URL and says when it begins too; else it is derived from the URL.
    `SHA1` is for whoever checks as CloudFront does and does not know `Hash-Algorithm` yet.
    """

    origin: str
    key: Callable[[], PrivateKey]
    seconds: int
    custom: bool = False
    hash_name: Literal["SHA256", "SHA1"] = "SHA256"

    def issue(self, key: str, name: str, grant: str, at: datetime) -> str:
        """See `Signer`. The distribution passes `response-content-disposition` on to the bucket behind it."""
        address = f"{self.origin.rstrip('/')}{object_path(key)}?{saved_as(name)}"
        return self.signed(address, int(at.timestamp()))

    def signed(self, address: str, second: int) -> str:
        """`address` has a query, and nothing that JSON would escape: it is percent-encoded.

        In a custom policy its `?` stands for any letter: another letter there names no object of ours.
        """
        private = self.key()
        expires = second + self.seconds
        condition = f'"DateLessThan":{{"AWS:EpochTime":{expires}}}'
        if self.custom:
            condition += f',"DateGreaterThan":{{"AWS:EpochTime":{second - BACKDATED_SECONDS}}}'
        policy = f'{{"Statement":[{{"Resource":"{address}","Condition":{{{condition}}}}}]}}'.encode()
        first = f"Policy={_text(policy)}" if self.custom else f"Expires={expires}"
        signature = _text(private.sign(policy, self.hash_name))
        last = "" if self.hash_name == "SHA1" else f"&Hash-Algorithm={self.hash_name}"
        return f"{address}&{first}&Signature={signature}&Key-Pair-Id={private.key_pair_id}{last}"


def _text(data: bytes) -> str:
    return b64encode(data).translate(_URL_SAFE).decode("ascii")
