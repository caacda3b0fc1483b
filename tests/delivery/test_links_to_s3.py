"""Programs that are led past the edge, to the bucket of a real S3 server."""

import hashlib
from datetime import datetime

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from delivery.inbound_http.file_source import signer_of
from delivery.settings import Settings
from newsreel_runtime.clock import now
from newsreel_runtime.ids import new_id
from newsreel_runtime.settings import Bucket, Http, Kafka, Postgres
from newsreel_testing.delivery_service import Delivery, FilledBucket
from newsreel_testing.s3_server import READER, S3Server

FILM, NAME = b"a film", "Конференція №4.mp4"


async def test_a_program_gets_the_bytes_and_is_told_how_long_the_link_lives(
    delivery: Delivery, s3: S3Server
) -> None:
    bucket = FilledBucket.of(s3, f"links-{new_id()}")
    delivery.bucket, delivery.clock.at = bucket, now()
    delivery.lead_programs_to(signer_of(s3.bucket(bucket.name, READER), 600))
    video, rendition = await delivery.publish_file(FILM, NAME)
    bearer = delivery.issuer.bearer(await delivery.account(), delivery.clock.at)
    wanted = {"video_id": str(video.video_id), "rendition_id": str(rendition.rendition_id)}
    async with delivery.client() as program:
        program.headers.update(bearer)
        grant = (await program.post("/v1/grants", json=wanted)).json()["grant_id"]
        led = await program.get(f"/download/{grant}")
        told = (await program.get(f"/download/{grant}", headers={"Accept": "application/json"})).json()
    life = datetime.fromisoformat(told["expires_at"]) - delivery.clock.at.replace(microsecond=0)
    assert (led.status_code, life.total_seconds()) == (307, 600)
    assert told["rendition"]["sha256"] == hashlib.sha256(FILM).hexdigest()
    async with httpx.AsyncClient() as client:
        for url in (led.headers["location"], told["url"]):
            assert url.startswith(f"{s3.endpoint}/{bucket.name}/sha256/{rendition.sha256}?")
            assert "X-Amz-Expires=600" in url
            answer = await client.get(url)
            assert (answer.status_code, answer.content) == (200, FILM)
            assert "filename*=UTF-8''%D0%9A" in answer.headers["content-disposition"]


def test_without_a_bucket_nobody_can_be_led_there() -> None:
    with pytest.raises(ValidationError, match="NEWSREEL_DELIVERY_URL_PLACE=s3 needs NEWSREEL_BUCKET_NAME"):
        Settings(
            postgres=Postgres(database="-", user="-", password=SecretStr("-")),
            kafka=Kafka(bootstrap="-"),
            http=Http(port=0),
            public_origin="http://edge.test",
            ticket_origin="http://edge.test",
            identity_origin="http://identity.test",
            url_keys=SecretStr(f"k1:{'0' * 64}"),
            bucket=Bucket(),
            url_place="s3",
        )
