"""An S3 bucket of published files: `sha256/<sha256>`, so that a key can have no other bytes.

A file that is there is not sent again: an interrupted import goes on with the file at which it stopped.
"""

import base64
import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from catalog.domain.media_place import Place, Placement
from catalog.errors import file_changed
from newsreel_runtime.settings import Bucket as BucketSettings

PREFIX = "sha256/"
PART = 16 * 1024 * 1024  # 10,000 of these, which S3 takes at most, are 160 GB; a longer file has longer ones
_MOST_PARTS = 10_000
_AT_ONCE = 4  # parts in memory and on their way
_THERE_ALREADY = {"PreconditionFailed", "ConditionalRequestConflict"}


class BucketError(OSError):
    """The bucket did not do what it was asked for."""


class Bucket:
    """See `MediaStore`."""

    def __init__(self, settings: BucketSettings) -> None:
        self._name = settings.name
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=settings.endpoint,
            region_name=settings.region,
            aws_access_key_id=settings.access_key,
            aws_secret_access_key=settings.secret.get_secret_value() if settings.secret else None,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path" if settings.path_style else "virtual"},
                retries={"mode": "standard", "max_attempts": 5},
                connect_timeout=5,
                read_timeout=60,
                max_pool_connections=_AT_ONCE,
                # Each body has the SHA-256 that we give; servers of one's own do not know S3's newer sums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def key_of(self, place: Place) -> str:
        return PREFIX + place.sha256

    def holds(self, wanted: Placement) -> bool:
        """Whether an object of that key is there. Raises `BucketError` for one of another size."""
        key, size = self.key_of(wanted.place), wanted.stored.size_bytes
        with _told():
            found = self._size(key)
        if found not in {None, size}:
            raise BucketError(f"{key} has {found} bytes, its file {size}: remove it from the bucket")
        return found is not None

    def put(self, wanted: Placement, source: BinaryIO) -> None:
        size = max(PART, -(-wanted.stored.size_bytes // _MOST_PARTS))
        with _told():
            if wanted.stored.size_bytes > size:
                self._put_in_parts(wanted, source, size)
            else:
                self._put_whole(wanted, source)

    def keys(self) -> Iterator[str]:
        with _told():
            for page in self._client.get_paginator("list_objects_v2").paginate(**self._listed):
                yield from (found["Key"] for found in page.get("Contents", ()))

    def remove(self, key: str) -> None:
        with _told():
            self._client.delete_object(Bucket=self._name, Key=key)

    def discard_unfinished(self, before: datetime) -> int:
        with _told():
            pages = self._client.get_paginator("list_multipart_uploads").paginate(**self._listed)
            begun = [upload for page in pages for upload in page.get("Uploads", ())]
            left = [upload for upload in begun if upload["Initiated"] < before]
            for upload in left:
                self._client.abort_multipart_upload(
                    Bucket=self._name, Key=upload["Key"], UploadId=upload["UploadId"]
                )
        return len(left)

    @property
    def _listed(self) -> dict[str, Any]:
        return {"Bucket": self._name, "Prefix": PREFIX}

    def _size(self, key: str) -> int | None:
        try:
            return int(self._client.head_object(Bucket=self._name, Key=key)["ContentLength"])
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise

    def _put_whole(self, wanted: Placement, source: BinaryIO) -> None:
        content = source.read(wanted.stored.size_bytes + 1)
        if hashlib.sha256(content).hexdigest() != wanted.stored.sha256:
            raise file_changed(wanted.stored.file)
        _unless_there(
            self._client.put_object,
            Bucket=self._name,
            Key=self.key_of(wanted.place),
            Body=content,
            ContentType=wanted.media_type,
            ChecksumSHA256=_sum(content),
        )

    def _put_in_parts(self, wanted: Placement, source: BinaryIO, size: int) -> None:
        named = {"Bucket": self._name, "Key": self.key_of(wanted.place)}
        begun = self._client.create_multipart_upload(
            **named, ContentType=wanted.media_type, ChecksumAlgorithm="SHA256"
        )
        upload = named | {"UploadId": begun["UploadId"]}
        is_done = False
        try:
            parts, sha256 = self._parts(upload, source, size)
            if sha256 == wanted.stored.sha256:
                complete = self._client.complete_multipart_upload
                is_done = _unless_there(complete, **upload, MultipartUpload={"Parts": parts})
        finally:
            if not is_done:
                self._client.abort_multipart_upload(**upload)
        if sha256 != wanted.stored.sha256:
            raise file_changed(wanted.stored.file)

    def _parts(self, upload: dict[str, Any], source: BinaryIO, size: int) -> tuple[list[dict[str, Any]], str]:
        """What the upload is made of, and the sha256 of the whole."""
        whole = hashlib.sha256()
        sent: list[dict[str, Any]] = []
        waiting: deque[Future[dict[str, Any]]] = deque()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for number, part in enumerate(iter(lambda: source.read(size), b""), 1):
                whole.update(part)
                waiting.append(pool.submit(self._part, upload, number, part))
                if len(waiting) == _AT_ONCE:
                    sent.append(waiting.popleft().result())
            sent += [future.result() for future in waiting]
        return sent, whole.hexdigest()

    def _part(self, upload: dict[str, Any], number: int, part: bytes) -> dict[str, Any]:
        sha256 = _sum(part)
        answer = self._client.upload_part(**upload, PartNumber=number, Body=part, ChecksumSHA256=sha256)
        return {"PartNumber": number, "ETag": answer["ETag"], "ChecksumSHA256": sha256}


def _sum(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _unless_there(ask: Callable[..., Any], **given: Any) -> bool:
    """Ask to write an object; false when one of its key is there already: it has the same bytes."""
    try:
        ask(**given, IfNoneMatch="*")
    except ClientError as error:
        if error.response["Error"]["Code"] in _THERE_ALREADY:
            return False
        raise
    return True


@contextmanager
def _told() -> Iterator[None]:
    """What the client says, as an `OSError`: operation and answer, no secret."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise BucketError(f"the bucket: {error}") from None
