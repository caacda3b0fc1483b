"""Trial B4: what readers put into paths and headers is checked by the contract's types, at both ends."""

import pytest
from pydantic import TypeAdapter, ValidationError

from newsreel_events.catalog import FileName, MediaType

FILE_NAME: TypeAdapter[str] = TypeAdapter(FileName)
MEDIA_TYPE: TypeAdapter[str] = TypeAdapter(MediaType)


@pytest.mark.parametrize(
    "name", ["presser.mp4", "Conférence de presse.mxf", "Прес-конференція.mov", "a;b='c'.mp4", "x" * 180]
)
def test_a_file_name_of_three_languages(name: str) -> None:
    assert FILE_NAME.validate_python(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../a",
        "a/b",
        "a\\b",
        'a"b',
        "a\0",
        "a\r\nSet-Cookie: b",
        ".hidden",
        "a\u202eb",
        " a",
        "a ",
        "é" * 91,
        "e\u0301.mp4",
        "a\u200b.mp4",
        "\ud800",
    ],
)
def test_a_file_name_that_leads_elsewhere_or_misleads(name: str) -> None:
    with pytest.raises(ValidationError):
        FILE_NAME.validate_python(name)


@pytest.mark.parametrize("text", ["video/mp4", "application/mxf", "video/x-matroska", "image/svg+xml"])
def test_a_media_type(text: str) -> None:
    assert MEDIA_TYPE.validate_python(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "video",
        "video/",
        "video/mp4\r\nX: y",
        "video/mp4; a=b",
        "відео/mp4",
        "a/b/c",
        "video/-mp4",
        "-video/mp4",
        "video/.mp4",
        "video/mp4\n",
        "Video/mp4",
        " video/mp4",
        f"video/{'x' * 65}",
    ],
)
def test_what_is_no_media_type(text: str) -> None:
    with pytest.raises(ValidationError):
        MEDIA_TYPE.validate_python(text)
