"""What `newsreel doctor delivery` says of a bucket, on a real S3 server."""

import logging

import pytest
from pydantic import SecretStr

from delivery.commands.bucket_doctor import look_at_bucket
from delivery.settings import Settings
from newsreel_runtime.ids import new_id
from newsreel_runtime.settings import Bucket, Http, Kafka, Postgres
from newsreel_testing.s3_server import READER, S3Server


def settings_with(bucket: Bucket) -> Settings:
    return Settings(
        postgres=Postgres(database="-", user="-", password=SecretStr("-")),
        kafka=Kafka(bootstrap="-"),
        http=Http(port=0),
        public_origin="http://edge.test",
        ticket_origin="http://edge.test",
        identity_origin="http://identity.test",
        url_keys=SecretStr(f"k1:{'0' * 64}"),
        bucket=bucket,
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({}, "may be read"),
        ({"secret": SecretStr("wrong")}, "answers SignatureDoesNotMatch"),
        ({"access_key": "nobody"}, "answers InvalidAccessKeyId"),
        ({"name": "no-such-bucket"}, "answers NoSuchBucket"),
        ({"endpoint": "http://127.0.0.1:9"}, "does not answer: ConnectError"),
    ],
)
async def test_it_is_asked_as_the_edge_asks(
    s3: S3Server, caplog: pytest.LogCaptureFixture, changed: dict[str, str | SecretStr], words: str
) -> None:
    caplog.set_level(logging.WARNING)
    name = f"doctor-{new_id()}"
    s3.make_bucket(name)
    given = {"name": name, "endpoint": s3.endpoint, "access_key": READER[0], "secret": SecretStr(READER[1])}
    [found] = await look_at_bucket(settings_with(Bucket.model_validate(given | changed)))
    assert (words in found.said, found.mend is None) == (True, not changed), found
    assert READER[1] not in str(found)
    assert "X-Amz-Signature" not in caplog.text


async def test_without_a_bucket_nothing_is_said() -> None:
    assert await look_at_bucket(settings_with(Bucket())) == []
