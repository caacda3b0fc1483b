"""Presigned GET: AWS's own example, and byte for byte what botocore makes of the same wishes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from delivery.domain.s3_signer import Credentials, S3Signer
from delivery.domain.signer import query_value

EXAMPLE = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
TEMPORARY = Credentials("ASIAEXAMPLE", "wJalr+XUtnFEMI/K7MDENG", "IQoJb3JpZ2luX2VjEJr//////////wEaCWV1+/=&%")
AT = datetime(2013, 5, 24, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """A bucket as a client is told of it. `own_endpoint`: else botocore finds it by the region."""

    endpoint: str
    region: str
    path_style: bool
    credentials: Credentials = EXAMPLE
    own_endpoint: bool = True
    bucket: str = "newsreel-media"


PLACES = [
    Place("https://s3.eu-central-1.amazonaws.com", "eu-central-1", path_style=False, own_endpoint=False),
    Place("https://s3.eu-central-1.amazonaws.com", "eu-central-1", path_style=True, own_endpoint=False),
    Place("https://s3.us-west-2.amazonaws.com", "us-west-2", False, TEMPORARY, own_endpoint=False),
    Place("https://s3.cn-north-1.amazonaws.com.cn", "cn-north-1", path_style=False, own_endpoint=False),
    Place("http://127.0.0.1:7070", "us-east-1", path_style=True),
    Place("http://127.0.0.1:7070", "us-east-1", True, TEMPORARY),
    Place("http://[::1]:7070", "garage", path_style=True),
    Place("https://objects.Example.org", "auto", path_style=True, bucket="dotted.bucket"),
    Place("https://objects.example.org:443", "auto", path_style=True),
    Place("https://objects.example.org:8443", "eu-1", path_style=False),
    Place("http://objects.example.org:80", "eu-1", False, TEMPORARY),
]


def signer(place: Place, seconds: int = 3600) -> S3Signer:
    return S3Signer(
        endpoint=place.endpoint,
        region=place.region,
        bucket=place.bucket,
        path_style=place.path_style,
        credentials=lambda: place.credentials,
        seconds=seconds,
    )


@lru_cache
def client(place: Place) -> Any:
    return boto3.client(
        "s3",
        region_name=place.region,
        endpoint_url=place.endpoint if place.own_endpoint else None,
        aws_access_key_id=place.credentials.access_key_id,
        aws_secret_access_key=place.credentials.secret,
        aws_session_token=place.credentials.session_token,
        config=Config(
            signature_version="s3v4", s3={"addressing_style": "path" if place.path_style else "virtual"}
        ),
    )


def theirs(place: Place, key: str, disposition: str | None, seconds: int) -> tuple[str, datetime]:
    """Their URL, and the moment that it says it was made at."""
    wanted = {"Bucket": place.bucket, "Key": key}
    if disposition is not None:
        wanted["ResponseContentDisposition"] = disposition
    url: str = client(place).generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds)
    (made,) = parse_qs(urlsplit(url).query)["X-Amz-Date"]
    return url, datetime.strptime(made, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _answer(disposition: str | None) -> str | None:
    return None if disposition is None else f"response-content-disposition={query_value(disposition)}"


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
awkward = st.text(" +%/?#&=;:@!$'()*,[]~._-\\\"<>^`{|}éЖ日😀\u0301aZ09", min_size=1, max_size=40)
keys = st.one_of(awkward, texts).filter(
    lambda key: {"", ".", ".."}.isdisjoint(key.split("/"))  # which we refuse: see the contract of all signers
)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.endpoint}-{place.path_style}")
@settings(deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(
    keys,
    st.one_of(st.none(), awkward, texts),
    st.integers(1, 604_800),
)
@example("0199f0d2-8e53-7c1a-9d2b-1a2b3c4d5e6f/Прес конференція+100%.mxf", "attachment", 3600)
@example("a%2Fb/%", "attachment; filename=\"_ %\"; filename*=UTF-8''%D0%9F", 1)
def test_it_is_what_botocore_makes(place: Place, key: str, disposition: str | None, seconds: int) -> None:
    right, at = theirs(place, key, disposition, seconds)
    assert signer(place, seconds).presigned(key, at, _answer(disposition)) == right


def test_a_name_to_save_as_is_what_botocore_makes_of_its_disposition() -> None:
    place, key, name = PLACES[0], "r1/a.mxf", "Прес-конференція.mxf"
    disposition = (
        "attachment; filename=\"____-___________.mxf\"; filename*=UTF-8''"
        "%D0%9F%D1%80%D0%B5%D1%81-%D0%BA%D0%BE%D0%BD%D1%84%D0%B5%D1%80%D0%B5%D0%BD%D1%86%D1%96%D1%8F.mxf"
    )
    right, at = theirs(place, key, disposition, 3600)
    assert signer(place).issue(key, name, "g1", at) == right


def test_it_is_what_the_manual_of_aws_says() -> None:
    place = Place("https://s3.amazonaws.com", "us-east-1", path_style=False, bucket="examplebucket")
    assert signer(place, 86_400).presigned("test.txt", AT) == (
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


def test_the_day_s_key_goes_with_the_day_the_region_and_the_secret() -> None:
    late = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    early = datetime(2027, 1, 1, tzinfo=UTC)
    other = Place(PLACES[0].endpoint, "eu-west-1", path_style=False)
    changed = Place(PLACES[0].endpoint, "eu-central-1", False, Credentials("AKIAIOSFODNN7EXAMPLE", "other"))
    urls = [signer(place).presigned("k", at) for place in (PLACES[0], other, changed) for at in (late, early)]
    assert len({url.rpartition("=")[2] for url in urls}) == len(urls)
    assert ["20261231T235959Z" in url for url in urls] == [True, False] * 3
    assert urls == [
        signer(place).presigned("k", at) for place in (PLACES[0], other, changed) for at in (late, early)
    ]


def test_a_new_access_key_signs_as_soon_as_it_is_there() -> None:
    current = [EXAMPLE]
    it = S3Signer("https://s3.example.org", "r", "media", True, lambda: current[0], 60)
    assert "AKIAIOSFODNN7EXAMPLE" in it.issue("k", "k", "g", AT)
    current[0] = TEMPORARY
    assert "ASIAEXAMPLE" in it.issue("k", "k", "g", AT)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: signer(Place("https://s3.example.org", "r", path_style=True, bucket="a/b")),
        lambda: signer(Place("https://s3.example.org", "r", path_style=True, bucket="Media")),
        lambda: signer(Place("https://s3.example.org", "r", path_style=False, bucket="dotted.bucket")),
        lambda: signer(PLACES[0], 0),
        lambda: signer(PLACES[0], 604_801),
    ],
)
def test_what_could_not_sign_fails_at_the_start(wrong: Callable[[], S3Signer]) -> None:
    with pytest.raises(ValueError, match=r"bucket|week"):
        wrong()


def test_no_secret_is_shown() -> None:
    shown = repr(TEMPORARY) + repr(signer(PLACES[2]))
    assert TEMPORARY.secret not in shown
    assert "IQoJb3" not in shown
