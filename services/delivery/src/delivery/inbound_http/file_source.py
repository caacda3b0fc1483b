"""Where the edge finds a file: in its media folder, or in a bucket through a URL that only the edge sees."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import quote

from anyio.to_thread import run_sync

from delivery import errors
from delivery.domain.byte_range import UnsatisfiableRangeError, asked_range
from delivery.domain.s3_signer import Credentials, S3Signer, object_key
from delivery.inbound_http.edge_file import EdgeFile
from newsreel_runtime.clock import now
from newsreel_runtime.settings import Bucket

_SECONDS = 300  # of a URL that the edge uses at once, by S3's clock
_FOLDER, _BUCKET = "/media/", "/bucket"  # the edge's names; no request of a client reaches them


class FileSource(Protocol):
    """Where published files lie."""

    async def require(self, file: EdgeFile) -> None:
        """Raises `ServiceError` bytes-missing where it can be seen that the file is not there."""

    def redirect(self, file: EdgeFile, method: str, headers: Mapping[str, str]) -> Mapping[str, str] | None:
        """The headers that lead the edge to the file. None: nothing of it is in the range asked for."""


@dataclass(frozen=True)
class FolderSource:
    """The edge's media folder. Ranges are the edge's. `root` is None where this process cannot look."""

    root: Path | None

    async def require(self, file: EdgeFile) -> None:
        """One of another size would be wrong bytes under a right entity tag."""
        if self.root is not None and not await run_sync(_is_there, self.root / file.path, file.size):
            raise errors.bytes_missing()

    def redirect(self, file: EdgeFile, method: str, headers: Mapping[str, str]) -> Mapping[str, str] | None:
        return {**file.about(), "X-Accel-Redirect": _FOLDER + quote(file.path)}


@dataclass(frozen=True)
class BucketSource:
    """A bucket: the edge is given a presigned URL, and the range to ask for, since S3 ignores `If-Range`.

    The URL's time is the wall clock's, which S3 compares with its own.
    """

    signer: S3Signer
    clock: Callable[[], datetime]

    @classmethod
    def of(cls, bucket: Bucket) -> Self:
        """As the settings name it."""
        return cls(signer_of(bucket, _SECONDS), now)

    async def require(self, file: EdgeFile) -> None:
        """A file that is missing in the bucket is the edge's to report: it hears it first."""
        if file.sha256 is None:
            raise errors.bytes_missing()

    def redirect(self, file: EdgeFile, method: str, headers: Mapping[str, str]) -> Mapping[str, str] | None:
        sha256 = file.sha256 or ""
        url = self.signer.presigned(object_key(sha256), self.clock(), method=method)
        told = {**file.about(), "X-Accel-Redirect": _BUCKET + url.removeprefix(self.signer.origin)}
        if name := told.pop("Content-Disposition", None):
            # nginx cannot take back what delivery said itself, when the bucket then has no such object
            told["X-Newsreel-Disposition"] = name
        if method == "HEAD" or file.size is None:
            return told
        try:
            part = asked_range(headers, f'"{sha256}"', file.size)
        except UnsatisfiableRangeError:
            return None
        return told if part is None else told | {"X-Newsreel-Range": part}


def signer_of(bucket: Bucket, seconds: int) -> S3Signer:
    """For the bucket that the settings name. Its secret is asked for at each use."""

    def credentials() -> Credentials:
        return Credentials(bucket.access_key, bucket.secret.get_secret_value() if bucket.secret else "")

    return S3Signer(
        endpoint=bucket.endpoint,
        region=bucket.region,
        bucket=bucket.name or "",
        path_style=bucket.path_style,
        credentials=credentials,
        seconds=seconds,
    )


def _is_there(path: Path, size: int | None) -> bool:
    try:
        return path.is_file() and size in (None, path.stat().st_size)
    except OSError:
        return False
