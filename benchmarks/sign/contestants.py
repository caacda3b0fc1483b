"""Who signs: ours behind the seam, and AWS's own library, with the same keys and for the same objects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.config import Config
from botocore.signers import CloudFrontSigner as TheirCloudFrontSigner
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from delivery.domain.cloudfront_signer import CloudFrontSigner, PrivateKey
from delivery.domain.edge_signer import EdgeSigner
from delivery.domain.file_name import disposition
from delivery.domain.s3_signer import Credentials, S3Signer
from delivery.domain.signed_url import LinkRefusedError
from delivery.domain.signer import saved_as
from newsreel_runtime.ids import new_id
from newsreel_runtime.keyring import KeyRing

OBJECTS = 4096  # more than the names that a signer remembers: each name is a new one
SECONDS = 3600
_MEDIA = "https://media.example.org"
_REGION, _BUCKET = "eu-central-1", "newsreel-media"
_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105 (the example of AWS's manual)
_HELD = Credentials("AKIAIOSFODNN7EXAMPLE", _SECRET)

Call: TypeAlias = Callable[[int], object]


@dataclass(frozen=True)
class Contestant:
    """`call(n)` is one URL for the n-th object."""

    name: str
    call: Call


@dataclass(frozen=True)
class Objects:
    """Keys, names to save as, and grants."""

    keys: Sequence[str]
    names: Sequence[str]
    grants: Sequence[str]

    @classmethod
    def made(cls) -> "Objects":
        names = [f"Брифінг {number}, brussels presser {number}.mxf" for number in range(OBJECTS)]
        keys = [f"{new_id()}/presser-{number}.mxf" for number in range(OBJECTS)]
        return cls(keys, names, [str(new_id()) for _ in range(OBJECTS)])


def s3(objects: Objects) -> list[Contestant]:
    """Presigned GET, bare and with a name to save as. Raises `ValueError` unless both make the same URLs."""
    ours = S3Signer(f"https://s3.{_REGION}.amazonaws.com", _REGION, _BUCKET, False, lambda: _HELD, SECONDS)
    client: Any = boto3.client(
        "s3",
        region_name=_REGION,
        aws_access_key_id=_HELD.access_key_id,
        aws_secret_access_key=_HELD.secret,
        config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    )
    dispositions = [disposition(name) for name in objects.names]

    def theirs(number: int, named: bool) -> str:
        wanted = {"Bucket": _BUCKET, "Key": objects.keys[number]}
        if named:
            wanted["ResponseContentDisposition"] = dispositions[number]
        url: str = client.generate_presigned_url("get_object", Params=wanted, ExpiresIn=SECONDS)
        return url

    def own(number: int, named: bool, at: datetime) -> str:
        if named:
            return ours.issue(objects.keys[number], objects.names[number], objects.grants[number], at)
        return ours.presigned(objects.keys[number], at)

    for number in range(0, OBJECTS, 64):
        for named in (False, True):
            right = theirs(number, named)
            (made,) = parse_qs(urlsplit(right).query)["X-Amz-Date"]
            if own(number, named, datetime.strptime(made, "%Y%m%dT%H%M%S%z")) != right:
                raise ValueError(f"ours is not what boto3 makes of {objects.keys[number]}")
    return [
        Contestant("sigv4", lambda number: ours.presigned(objects.keys[number], datetime.now(UTC))),
        Contestant("boto3", lambda number: theirs(number, named=False)),
        Contestant("sigv4, named", lambda number: own(number, named=True, at=datetime.now(UTC))),
        Contestant("boto3, named", lambda number: theirs(number, named=True)),
    ]


def cloudfront(objects: Objects) -> list[Contestant]:
    """Canned policies for finished addresses; RSA with 2048 bits and SHA-1, as botocore signs, then ECDSA."""
    addresses = [
        f"{_MEDIA}/{key}?{saved_as(name)}" for key, name in zip(objects.keys, objects.names, strict=True)
    ]
    rsa_key = PrivateKey("KEXAMPLE", rsa.generate_private_key(65537, 2048))
    ecdsa_key = PrivateKey("KEXAMPLE", ec.generate_private_key(ec.SECP256R1()))
    ours = CloudFrontSigner(_MEDIA, lambda: rsa_key, SECONDS, hash_name="SHA1")
    elliptic = CloudFrontSigner(_MEDIA, lambda: ecdsa_key, SECONDS)
    theirs = TheirCloudFrontSigner("KEXAMPLE", lambda policy: rsa_key.sign(policy, "SHA1"))
    at = datetime.now(UTC)
    ends, second = datetime.fromtimestamp(int(at.timestamp()) + SECONDS, UTC), int(at.timestamp())
    if theirs.generate_presigned_url(addresses[0], date_less_than=ends) != ours.signed(addresses[0], second):
        raise ValueError("ours is not what botocore makes")
    return [
        Contestant("cloudfront", lambda number: ours.signed(addresses[number], second)),
        Contestant(
            "botocore's CloudFrontSigner",
            lambda number: theirs.generate_presigned_url(addresses[number], date_less_than=ends),
        ),
        Contestant("cloudfront, ECDSA", lambda number: elliptic.signed(addresses[number], second)),
    ]


def dl1(objects: Objects) -> list[Contestant]:
    """Signing, and judging: how long a refusal takes says nothing of what was wrong."""
    signer = EdgeSigner(_MEDIA, KeyRing({"k1": bytes(range(32))}), SECONDS)
    stranger = EdgeSigner(_MEDIA, KeyRing({"k9": bytes(range(32))}), SECONDS)
    at = datetime.now(UTC)
    files = [key.partition("/")[2] for key in objects.keys]

    def asked(by: EdgeSigner) -> list[tuple[str, str]]:
        urls = [
            by.issue(key, key.partition("/")[2], grant, at)
            for key, grant in zip(objects.keys, objects.grants, strict=True)
        ]
        return [(url.path, url.query) for url in map(urlsplit, urls)]

    right = asked(signer)
    first = [(path, query[:-43] + ("B" if query[-43] == "A" else "A") + query[-42:]) for path, query in right]
    last = [(path, query[:-1] + ("B" if query[-1] == "A" else "A")) for path, query in right]

    def judge(requests: Sequence[tuple[str, str]]) -> Call:
        def one(number: int) -> object:
            try:
                return signer.check(*requests[number], at)
            except LinkRefusedError:
                return None

        return one

    return [
        Contestant(
            "dl1",
            lambda number: signer.issue(
                objects.keys[number], files[number], objects.grants[number], datetime.now(UTC)
            ),
        ),
        Contestant("dl1 judged: right", judge(right)),
        Contestant("dl1 judged: first letter of the signature wrong", judge(first)),
        Contestant("dl1 judged: last letter of the signature wrong", judge(last)),
        Contestant("dl1 judged: key unknown", judge(asked(stranger))),
    ]
