"""The manifest: what is taken, and for every rule a manifest that breaks it."""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from catalog.domain.video import Person
from catalog.errors import ImportRefusedError
from catalog.representations.submission import read_manifest

Submit = Callable[..., Path]


def edited(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """An edit that sets the value at `a.0.b`."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]

    def edit(manifest: dict[str, Any]) -> None:
        reduce(lambda part, step: part[step], steps, manifest)[last] = value  # type: ignore[index]  # any JSON

    return edit


def refusal(folder: Path) -> str:
    with pytest.raises(ImportRefusedError) as refused:
        read_manifest((folder / "manifest.json").read_bytes())
    return str(refused.value)


def test_a_good_manifest_becomes_a_submission(submit: Submit) -> None:
    submission = read_manifest((submit() / "manifest.json").read_bytes())
    assert submission.details.people[1] == Person("Mara Quell", "Journalist", None)
    assert submission.details.descriptions == {"en": "The bridge.\nAnd the ferry."}
    assert [media.name for media in submission.media] == ["broadcast-1080p", "web-720p"]
    assert [len(transcript.segments) for transcript in submission.transcripts] == [2, 1]


VALUES: list[tuple[str, object]] = [
    ("format", "newsreel-manifest/2"),
    ("reference", "nr 1"),
    ("reference", "../NR-1"),
    ("titles", {}),
    ("titles.en", ""),
    ("titles.en", " leading"),
    ("titles.en", "bell\x07"),
    ("titles.en", "nul\x00"),
    ("titles.en", "x" * 251),
    ("titles.en", 7),
    ("titles.de", "Brücke"),
    ("headlines", None),
    ("descriptions.en", "tab\there"),
    ("genre", "trailer"),
    ("keywords.en", "bridge, harbour"),
    ("keywords.en", ["x"] * 51),
    ("recorded_at", "2026-02-30"),
    ("recorded_at", "yesterday"),
    ("duration_ms", 0),
    ("duration_ms", "4000"),
    ("duration_ms", 24 * 60 * 60 * 1000 + 1),
    ("spoken_languages", []),
    ("spoken_languages.0", "English"),
    ("people.0.name", ""),
    ("people.0.nickname", "G."),
    ("location", "line\nbreak"),
    ("shotlist.0.number", 0),
    ("shotlist.0.start_ms", -1),
    ("shotlist.0.kind", "Wide shot"),
    ("shotlist.0.text", {}),
    ("transcripts.0.language", "de"),
    ("transcripts.0.kind", "machine"),
    ("transcripts.0.segments", []),
    ("transcripts.0.segments.0.part", "song"),
    ("transcripts.0.segments.0.text", ""),
    ("transcripts.0.segments.0.text", "x" * 2001),
    ("poster.file", "poster.svg"),
    ("poster.sha256", "A" * 64),
    ("renditions", []),
    ("renditions.0.file", "../broadcast.mp4"),
    ("renditions.0.file", ".hidden.mp4"),
    ("renditions.0.file", "відео.mp4"),
    ("renditions.0.file", "a..b.mp4"),
    ("renditions.0.size_bytes", 0),
    ("renditions.0.size_bytes", 2**43 + 1),
    ("renditions.0.size_bytes", 9.5),
    ("renditions.0.sha256", "abc"),
    ("renditions.0.role", "master"),
    ("renditions.0.media_type", "text/html"),
    ("renditions.0.container", "MP4"),
    ("renditions.0.width", 8),
    ("renditions.0.frame_rate", "25"),
    ("renditions.0.frame_rate", "25/0"),
    ("renditions.0.bit_rate", 0),
    ("surprise", True),
]


@pytest.mark.parametrize(("path", "value"), VALUES, ids=[f"{path}={value!r:.20}" for path, value in VALUES])
def test_a_value_that_is_not_valid_is_named(submit: Submit, path: str, value: object) -> None:
    assert refusal(submit(edit=edited(path, value))).startswith(f"{path}: ")


@pytest.mark.parametrize("field", ["format", "reference", "titles", "poster", "renditions", "duration_ms"])
def test_a_field_that_is_missing_is_named(submit: Submit, field: str) -> None:
    def without(manifest: dict[str, Any]) -> None:
        del manifest[field]

    assert refusal(submit(edit=without)) == f"{field}: Field required"


RULES: list[tuple[str, object, str]] = [
    ("people.1.name", "Greta Holmqvar", "people.name: Greta Holmqvar is there 2 times"),
    ("spoken_languages", ["en", "en"], "spoken_languages: en is there 2 times"),
    ("transcripts.1.language", "en", "transcripts.language: en is there 2 times"),
    ("renditions.1.name", "broadcast-1080p", "renditions.name: broadcast-1080p is there 2 times"),
    ("renditions.1.file", "BROADCAST.mp4", "file: broadcast.mp4 is there 2 times"),
    ("shotlist.1.number", 3, "shotlist.1.number: 3, but they are numbered"),
    ("shotlist.1.end_ms", 4001, "shotlist.1.end_ms: 4001 is after duration_ms, 4000"),
    ("shotlist.1.speaker", "Nobody", "shotlist.1.speaker: Nobody is not in people"),
    ("transcripts.1.kind", "verbatim", "transcripts.1.kind: uk is not in spoken_languages"),
    ("transcripts.0.segments.0.end_ms", 0, "transcripts.0.segments.0.end_ms: does not come after"),
    ("transcripts.0.segments.0.start_ms", 2001, "transcripts.0.segments.1.start_ms: begins before"),
    ("transcripts.0.segments.1.end_ms", 4001, "transcripts.0.segments.1.end_ms: 4001 is after"),
    (
        "transcripts.0.segments.1.speaker",
        "Nobody",
        "transcripts.0.segments.1.speaker: Nobody is not in people",
    ),
]


@pytest.mark.parametrize(
    ("path", "value", "said"), RULES, ids=[f"{path}={value!r}" for path, value, _ in RULES]
)
def test_parts_that_do_not_fit_each_other_are_named(
    submit: Submit, path: str, value: object, said: str
) -> None:
    assert any(line.startswith(said) for line in refusal(submit(edit=edited(path, value))).splitlines())


def test_every_field_to_mend_has_a_line(submit: Submit) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        manifest["genre"] = "x"
        manifest["titles"] = {}

    assert len(refusal(submit(edit=edit)).splitlines()) == 2


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b'"\xff"'])
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(ImportRefusedError, match="manifest: "):
        read_manifest(text)
