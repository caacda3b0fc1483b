"""Presigned GET of an S3 object: AWS Signature Version 4 in the query.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from time import gmtime
from typing import NamedTuple
from urllib.parse import urlsplit

from delivery.domain import signature
from delivery.domain.origin import authority
from delivery.domain.signer import object_path, query_value, saved_as

LONGEST_SECONDS = 604_800  # what S3 takes at most
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_DAY = 86_400


def object_key(sha256: str) -> str:
    """Where the catalogue puts the file of that sha256 (hexadecimal): other bytes have another key."""
    return f"sha256/{sha256}"


@dataclass(frozen=True)
class Credentials:
    """An access key; S3 takes as many as its account has, so the old one goes on while a new one signs.

    With a session token a URL dies with the session, whatever it says itself.
    """

    access_key_id: str
    secret: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


class _Scope(NamedTuple):
    """What is the same for all URLs of a day."""

    date: str
    name: str
    credential: str
    key: bytes


@dataclass(frozen=True)
class S3Signer:
    """One bucket at `endpoint` (`https://s3.<region>.amazonaws.com`, or a server of one's own).

    `path_style`: the bucket stands in the path, not in the host's name. `credentials()` is asked at each use.
    """

    endpoint: str
    region: str
    bucket: str
    path_style: bool
    credentials: Callable[[], Credentials]
    seconds: int

    def __post_init__(self) -> None:
        """Raises `ValueError` when no URL could be issued."""
        if _BUCKET.fullmatch(self.bucket) is None:
            raise ValueError("this is not a bucket's name")
        if not self.path_style and "." in self.bucket and urlsplit(self.endpoint).scheme == "https":
            raise ValueError("no certificate covers a host with a dotted bucket: use the path style")
        if not 0 < self.seconds <= LONGEST_SECONDS:
            raise ValueError("a presigned URL lives a week at most")

    def issue(self, key: str, name: str, grant: str, at: datetime) -> str:
        """See `Signer`."""
        return self.presigned(key, at, saved_as(name))

    def presigned(self, key: str, at: datetime, answer: str | None = None, method: str = "GET") -> str:
        """`answer` is one `response-…=…` parameter, percent-encoded: what S3 is to say beside the bytes.

        A URL is good for one method: who may GET may not HEAD.
        """
        origin, prefix, host = self._place
        credentials = self.credentials()
        days, second = divmod(int(at.timestamp()), _DAY)
        scope = _scope(credentials.access_key_id, credentials.secret, self.region, days)
        path = prefix + object_path(key)
        stamp = f"{scope.date}T{second // 3600:02}{second // 60 % 60:02}{second % 60:02}Z"
        first = (
            f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope.credential}&X-Amz-Date={stamp}"
            f"&X-Amz-Expires={self.seconds}"
        )
        token = credentials.session_token
        tail = "" if token is None else f"&X-Amz-Security-Token={query_value(token)}"
        last = "&X-Amz-SignedHeaders=host"
        sorted_query = f"{first}{tail}{last}" if answer is None else f"{first}{tail}{last}&{answer}"
        request = f"{method}\n{path}\n{sorted_query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
        hashed = hashlib.sha256(request.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope.name}\n{hashed}"
        signed = signature.digest(text.encode(), scope.key).hex()
        front = "" if answer is None else f"{answer}&"
        return f"{origin}{path}?{front}{first}{last}{tail}&X-Amz-Signature={signed}"

    @property
    def origin(self) -> str:
        """What every URL begins with."""
        return self._place[0]

    @cached_property
    def _place(self) -> tuple[str, str, str]:
        """The origin, what stands before each key's path, and the host that is signed."""
        if self.path_style:
            return self.endpoint.rstrip("/"), f"/{self.bucket}", authority(self.endpoint)
        parts = urlsplit(self.endpoint)
        origin = f"{parts.scheme}://{self.bucket}.{parts.netloc}"
        return origin, "", authority(origin)


@lru_cache(maxsize=8)
def _scope(access_key_id: str, secret: str, region: str, days: int) -> _Scope:
    day = gmtime(days * _DAY)
    date = f"{day.tm_year:04}{day.tm_mon:02}{day.tm_mday:02}"
    key = f"AWS4{secret}".encode()
    for word in (date, region, "s3", "aws4_request"):
        key = signature.digest(word.encode(), key)
    name = f"{date}/{region}/s3/aws4_request"
    return _Scope(date, name, query_value(f"{access_key_id}/{name}"), key)
