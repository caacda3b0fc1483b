"""Who judges signed URLs: the edge with its own verifier, S3 and CloudFront as their manuals say.

S3's and CloudFront's rules are written here a second time, from the URL alone, with nothing of the signers.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, TypeAlias
from urllib.parse import unquote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from delivery.domain.cloudfront_signer import CloudFrontSigner, PrivateKey
from delivery.domain.edge_signer import EdgeSigner
from delivery.domain.s3_signer import Credentials, S3Signer
from delivery.domain.signed_url import LinkExpiredError, LinkRefusedError
from delivery.domain.signer import Signer
from newsreel_runtime.keyring import KeyRing

Judged: TypeAlias = Literal["accepted", "expired", "refused"]
PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

SECONDS = 900
MEDIA = "https://media.example.org"
KEYS = {"k1": bytes(range(32)), "k2": bytes(range(1, 33))}
SECRETS = {"k1": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "k2": "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"}


@dataclass(frozen=True)
class Receiver:
    """`signer(kid)` signs for it with that key; `judge(url, at, kids)` answers, knowing those keys."""

    name: str
    signer: Callable[[str], Signer]
    judge: Callable[[str, datetime, frozenset[str]], Judged]


def at_the_edge(url: str, at: datetime, kids: frozenset[str]) -> Judged:
    ring = KeyRing({kid: KEYS[kid] for kid in sorted(kids)})
    if not url.startswith(f"{MEDIA}/"):
        return "refused"
    path, _, query = url.removeprefix(MEDIA).partition("?")
    try:
        EdgeSigner(MEDIA, ring, SECONDS).check(path, query, at)
    except LinkExpiredError:
        return "expired"
    except LinkRefusedError:
        return "refused"
    return "accepted"


def at_s3(url: str, at: datetime, kids: frozenset[str]) -> Judged:
    return judged_by_s3(url, at, {kid: SECRETS[kid] for kid in kids})


def judged_by_s3(url: str, at: datetime, secrets: dict[str, str], token: str | None = None) -> Judged:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html, for a GET."""
    rest, _, signature = url.rpartition("&X-Amz-Signature=")
    parts = urlsplit(rest)
    pairs = [pair.partition("=")[::2] for pair in parts.query.split("&")]
    values = {name: unquote(value) for name, value in pairs}
    kid, *scope = values.get("X-Amz-Credential", "").split("/")
    stamp = values.get("X-Amz-Date", "")
    if (
        len(values) != len(pairs)
        or len(scope) != 4
        or scope[2:] != ["s3", "aws4_request"]
        or values.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256"
        or values.get("X-Amz-SignedHeaders") != "host"
        or values.get("X-Amz-Security-Token") != token
        or re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", stamp) is None
        or stamp[:8] != scope[0]
        or re.fullmatch(r"[1-9][0-9]{0,5}", values.get("X-Amz-Expires", "")) is None
        or kid not in secrets
    ):
        return "refused"
    own = {"http": 80, "https": 443}.get(parts.scheme)
    host = parts.netloc.lower() if parts.port != own else parts.netloc.lower().rpartition(":")[0]
    query = "&".join(sorted(f"{name}={value}" for name, value in pairs))
    asked = f"GET\n{parts.path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    key = ("AWS4" + secrets[kid]).encode()
    for word in scope:
        key = hmac.new(key, word.encode(), "sha256").digest()
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, "/".join(scope), hashlib.sha256(asked.encode()).hexdigest()))
    if not hmac.compare_digest(
        hmac.new(key, text.encode(), "sha256").hexdigest().encode(), signature.encode()
    ):
        return "refused"
    begun = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    if at.timestamp() < begun - 900:  # S3 bears with a quarter of an hour
        return "refused"
    return "accepted" if at.timestamp() < begun + int(values["X-Amz-Expires"]) else "expired"


def judged_by_cloudfront(url: str, at: datetime, public: dict[str, PublicKey]) -> Judged:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html"""
    found = re.fullmatch(
        r"(?P<address>[!-~]+)&(?:Expires=(?P<expires>[0-9]{1,11})|Policy=(?P<policy>[A-Za-z0-9~_-]+))"
        r"&Signature=(?P<signature>[A-Za-z0-9~_-]+)&Key-Pair-Id=(?P<kid>\w+)(?P<hash>&Hash-Algorithm=SHA256)?",
        url,
    )
    if found is None or found["kid"] not in public:
        return "refused"
    chosen = SHA256() if found["hash"] else SHA1()  # noqa: S303 (CloudFront's own default)
    key = public[found["kid"]]
    try:
        policy = _canned(found["address"], found["expires"]) if found["expires"] else _bytes(found["policy"])
        signature = _bytes(found["signature"])
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, policy, padding.PKCS1v15(), chosen)
        else:
            key.verify(signature, policy, ec.ECDSA(chosen))
    except (InvalidSignature, ValueError):
        return "refused"
    return _within(json.loads(policy), found["address"], at)


def _canned(address: str, expires: str) -> bytes:
    condition = {"DateLessThan": {"AWS:EpochTime": int(expires)}}
    policy = {"Statement": [{"Resource": address, "Condition": condition}]}
    return json.dumps(policy, separators=(",", ":")).encode()


def _within(policy: Any, address: str, at: datetime) -> Judged:
    (statement,) = policy["Statement"]
    condition = statement["Condition"]
    pattern = re.escape(statement["Resource"]).replace(r"\?", ".").replace(r"\*", ".*")
    begins = condition.get("DateGreaterThan", {"AWS:EpochTime": 0})["AWS:EpochTime"]
    if re.fullmatch(pattern, address) is None or at.timestamp() <= begins:
        return "refused"
    return "accepted" if at.timestamp() < condition["DateLessThan"]["AWS:EpochTime"] else "expired"


def _bytes(text: str) -> bytes:
    """Raises `ValueError` for another spelling of the same bytes."""
    standard = text.translate(str.maketrans("-_~", "+=/"))
    data = base64.b64decode(standard, validate=True)
    if base64.b64encode(data).decode() != standard:
        raise ValueError("not the one spelling")
    return data


@lru_cache
def rsa_key(kid: str) -> PrivateKey:
    return PrivateKey(kid, rsa.generate_private_key(65537, 2048))


@lru_cache
def ecdsa_key(kid: str) -> PrivateKey:
    return PrivateKey(kid, ec.generate_private_key(ec.SECP256R1()))


def _cloudfront(
    made: Callable[[str], PrivateKey], *, custom: bool, hash_name: Literal["SHA1", "SHA256"]
) -> Receiver:
    def judge(url: str, at: datetime, kids: frozenset[str]) -> Judged:
        return judged_by_cloudfront(url, at, {kid: made(kid).key.public_key() for kid in kids})

    return Receiver(
        f"cloudfront-{made.__name__}-{'custom' if custom else 'canned'}-{hash_name}",
        lambda kid: CloudFrontSigner(MEDIA, lambda: made(kid), SECONDS, custom, hash_name),
        judge,
    )


def _s3(*, path_style: bool) -> Receiver:
    def signer(kid: str) -> Signer:
        held = Credentials(kid, SECRETS[kid])
        return S3Signer(MEDIA, "eu-central-1", "newsreel", path_style, lambda: held, SECONDS)

    return Receiver(f"s3-{'path' if path_style else 'virtual'}", signer, at_s3)


RECEIVERS = (
    Receiver("edge", lambda kid: EdgeSigner(MEDIA, KeyRing({kid: KEYS[kid]}), SECONDS), at_the_edge),
    _s3(path_style=True),
    _s3(path_style=False),
    _cloudfront(rsa_key, custom=False, hash_name="SHA256"),
    _cloudfront(rsa_key, custom=False, hash_name="SHA1"),
    _cloudfront(ecdsa_key, custom=False, hash_name="SHA256"),
    _cloudfront(ecdsa_key, custom=True, hash_name="SHA256"),
)
