"""One contract for every store of published files: a folder, and a bucket of a real S3 server."""

import hashlib
import io
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from pydantic import SecretStr, ValidationError

from catalog.domain.media_place import Placement, poster_place, rendition_place
from catalog.domain.video import StoredFile
from catalog.errors import ImportRefusedError
from catalog.outbound_media.bucket import PART, Bucket, BucketError
from catalog.outbound_media.folder import Folder
from catalog.outbound_media.media_store import MediaStore
from newsreel_runtime.ids import new_id
from newsreel_runtime.settings import Bucket as BucketSettings
from newsreel_testing.s3_server import READER, S3Server

SHORT = b"a short film"
LONG = random.Random(3).randbytes(2 * PART + 1234)  # three parts
SIZES = pytest.mark.parametrize("content", [b"", SHORT, LONG], ids=["empty", "short", "in parts"])


def wanted(content: bytes, file: str = "Прес-конференція №4.mp4") -> Placement:
    sha256 = hashlib.sha256(content).hexdigest()
    place = rendition_place(new_id(), file, sha256)
    return Placement(place, StoredFile(file, len(content), sha256), "video/mp4")


@pytest.fixture
def content_of(request: pytest.FixtureRequest, store: MediaStore) -> Callable[[str], bytes]:
    """What lies under a key, looked at from outside."""
    if isinstance(store, Folder):
        root = store.root
        return lambda key: (root / key).read_bytes()
    s3: S3Server = request.getfixturevalue("s3")
    name = request.getfixturevalue("settings").name
    return lambda key: bytes(s3.client().get_object(Bucket=name, Key=key)["Body"].read())


@SIZES
def test_what_was_put_is_there_whole_and_under_its_key(
    store: MediaStore, content_of: Callable[[str], bytes], content: bytes
) -> None:
    film = wanted(content)
    assert not store.holds(film)
    store.put(film, io.BytesIO(content))
    assert store.holds(film)
    key = store.key_of(film.place)
    assert list(store.keys()) == [key]
    assert content_of(key) == content


@SIZES
def test_to_put_it_again_changes_nothing(store: MediaStore, content: bytes) -> None:
    """Two imports of one video at the same time."""
    film = wanted(content)
    for _ in range(2):
        store.put(film, io.BytesIO(content))
    assert store.holds(film)
    assert len(list(store.keys())) == 1


@pytest.mark.parametrize("changed", [SHORT[:-1], SHORT + b"!", b"A" + SHORT[1:], b""])
def test_a_file_with_other_bytes_than_its_sum_is_refused(store: MediaStore, changed: bytes) -> None:
    film = wanted(SHORT)
    with pytest.raises(ImportRefusedError, match="was changed during the import"):
        store.put(film, io.BytesIO(changed))
    assert (store.holds(film), list(store.keys())) == (False, [])


@pytest.mark.parametrize("changed", [LONG[:-1], LONG + b"!", LONG[:-1] + b"?"])
def test_a_file_in_parts_with_other_bytes_is_refused_and_leaves_no_part(
    store: MediaStore, changed: bytes
) -> None:
    film = wanted(LONG)
    with pytest.raises(ImportRefusedError, match="was changed during the import"):
        store.put(film, io.BytesIO(changed))
    assert (store.holds(film), list(store.keys())) == (False, [])
    assert store.discard_unfinished(datetime.now(UTC) + timedelta(days=1)) == 0


@pytest.mark.parametrize("content", [SHORT, LONG], ids=["short", "in parts"])
def test_a_file_that_breaks_off_is_not_there(store: MediaStore, content: bytes) -> None:
    class BreaksOff(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() + (size or 0) > len(content) // 2:
                raise OSError("the disk is gone")
            return super().read(size)

    film = wanted(content)
    with pytest.raises(OSError, match="the disk is gone"):
        store.put(film, cast(BinaryIO, BreaksOff(content)))
    assert (store.holds(film), list(store.keys())) == (False, [])


def test_what_is_removed_is_gone_and_nothing_else(store: MediaStore) -> None:
    films = [wanted(SHORT, "a.mp4"), wanted(SHORT + b"2", "b.mp4")]
    sha256 = films[0].place.sha256
    poster = Placement(poster_place(new_id(), "0" * 64), StoredFile("p.jpg", 3, "0" * 64), "image/jpeg")
    for film, content in zip(films, (SHORT, SHORT + b"2"), strict=True):
        store.put(film, io.BytesIO(content))
    store.remove(store.key_of(films[0].place))
    store.remove(store.key_of(films[0].place))
    store.remove(store.key_of(poster.place))
    assert list(store.keys()) == [store.key_of(films[1].place)]
    assert sha256 not in str(list(store.keys()))


def test_two_films_of_the_same_bytes_lie_in_a_bucket_once(bucket: Bucket) -> None:
    """An interrupted import goes on, whatever ids its next run makes."""
    first, second = wanted(SHORT), wanted(SHORT)
    bucket.put(first, io.BytesIO(SHORT))
    assert bucket.holds(second)


def test_what_others_keep_in_the_bucket_is_not_listed(
    bucket: Bucket, s3: S3Server, settings: BucketSettings
) -> None:
    s3.client().put_object(Bucket=settings.name, Key="invoices/1.pdf", Body=b"-")
    assert list(bucket.keys()) == []


def test_an_object_of_another_size_is_not_overwritten(
    bucket: Bucket, s3: S3Server, settings: BucketSettings
) -> None:
    film = wanted(SHORT)
    key = bucket.key_of(film.place)
    s3.client().put_object(Bucket=settings.name, Key=key, Body=b"wrong")
    with pytest.raises(BucketError, match=f"{key} has 5 bytes"):
        bucket.holds(film)
    bucket.put(film, io.BytesIO(SHORT))
    assert s3.client().get_object(Bucket=settings.name, Key=key)["Body"].read() == b"wrong"


def test_parts_that_a_killed_import_left_are_discarded_when_they_are_old(
    bucket: Bucket, s3: S3Server, settings: BucketSettings
) -> None:
    client = s3.client()
    for key in (bucket.key_of(wanted(LONG).place), "of-others"):
        client.create_multipart_upload(Bucket=settings.name, Key=key)
    now = datetime.now(UTC)
    assert bucket.discard_unfinished(now - timedelta(days=1)) == 0
    assert bucket.discard_unfinished(now + timedelta(minutes=1)) == 1
    left = client.list_multipart_uploads(Bucket=settings.name)["Uploads"]
    assert [upload["Key"] for upload in left] == ["of-others"]


def test_a_copy_that_a_killed_import_left_in_the_folder_is_discarded_when_it_is_old(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    (tmp_path / "rendition").mkdir()
    partial = tmp_path / "rendition" / ".a.mp4.77.partial"
    partial.write_bytes(b"half")
    now = datetime.now(UTC)
    assert list(folder.keys()) == []
    assert folder.discard_unfinished(now - timedelta(days=1)) == 0
    assert folder.discard_unfinished(now + timedelta(minutes=1)) == 1
    assert not partial.exists()


@pytest.mark.parametrize("key", [READER, ("newsreel", "wrong"), ("nobody", "newsreel-secret")])
def test_a_bucket_that_may_not_be_written_says_so_and_says_no_secret(
    s3: S3Server, settings: BucketSettings, key: tuple[str, str]
) -> None:
    assert settings.name is not None
    with pytest.raises(
        BucketError, match=r"the bucket: .*(AccessDenied|Signature|InvalidAccessKeyId)"
    ) as told:
        Bucket(s3.bucket(settings.name, key)).put(wanted(SHORT), io.BytesIO(SHORT))
    assert key[1] not in str(told.value)


def test_a_bucket_that_is_not_there_or_does_not_answer_says_so(s3: S3Server) -> None:
    nowhere = BucketSettings(
        name="media", endpoint="http://127.0.0.1:9", access_key="-", secret=SecretStr("-")
    )
    with pytest.raises(BucketError, match="the bucket: "):
        list(Bucket(s3.bucket("no-such-bucket")).keys())
    with pytest.raises(BucketError, match="the bucket: "):
        Bucket(nowhere).holds(wanted(SHORT))


def test_a_bucket_needs_its_key() -> None:
    assert BucketSettings().name is None
    for given in ({}, {"access_key": "a"}, {"secret": SecretStr("s")}):
        with pytest.raises(ValidationError, match="NEWSREEL_BUCKET_ACCESS_KEY"):
            BucketSettings(name="media", **given)
    with pytest.raises(ValidationError):
        BucketSettings(name="../media", access_key="a", secret=SecretStr("s"))
