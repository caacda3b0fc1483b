"""What `newsreel doctor catalog` says of a bucket, on a real S3 server."""

import pytest

from catalog.commands.store_doctor import look_at_bucket
from catalog.settings import Settings
from newsreel_runtime.settings import Bucket
from newsreel_testing.s3_server import READER, WRITER, S3Server


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch, settings: Bucket) -> dict[str, str]:
    """Of the service, with a bucket that is well."""
    given = {
        "NEWSREEL_POSTGRES_DATABASE": "-",
        "NEWSREEL_POSTGRES_USER": "-",
        "NEWSREEL_POSTGRES_PASSWORD": "-",
        "NEWSREEL_KAFKA_BOOTSTRAP": "-",
        "NEWSREEL_HTTP_PORT": "0",
        "NEWSREEL_BUCKET_NAME": settings.name or "",
        "NEWSREEL_BUCKET_ENDPOINT": settings.endpoint,
        "NEWSREEL_BUCKET_ACCESS_KEY": WRITER[0],
        "NEWSREEL_BUCKET_SECRET": WRITER[1],
    }
    for name, text in given.items():
        monkeypatch.setenv(name, text)
    return given


async def test_a_bucket_that_is_well_is_left_as_it_was(variables: dict[str, str], s3: S3Server) -> None:
    [found] = await look_at_bucket(Settings())
    assert (found.mend, "is listed, read and written" in found.said) == (None, True)
    assert "Contents" not in s3.client().list_objects_v2(Bucket=variables["NEWSREEL_BUCKET_NAME"])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ACCESS_KEY": READER[0], "SECRET": READER[1]}, "AccessDenied"),
        ({"SECRET": "wrong"}, "Signature"),
        ({"NAME": "no-such-bucket"}, "NoSuchBucket"),
        ({"ENDPOINT": "http://127.0.0.1:9"}, "127.0.0.1:9"),
    ],
)
async def test_what_is_wrong_is_named_and_no_secret(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], words: str
) -> None:
    for name, text in changed.items():
        monkeypatch.setenv(f"NEWSREEL_BUCKET_{name}", text)
    [found] = await look_at_bucket(Settings())
    assert found.mend is not None
    assert words in found.said
    assert not any(secret in str(found) for secret in (READER[1], WRITER[1], "wrong"))


async def test_without_a_bucket_nothing_is_said(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEWSREEL_BUCKET_NAME")
    assert await look_at_bucket(Settings()) == []
