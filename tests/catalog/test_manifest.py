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


def counted(path: str) -> str:
    """The path with its numbers from 1, as a refusal names it."""
    return ".".join(str(int(step) + 1) if step.isdigit() else step for step in path.split("."))


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
    ("titles.en", "\u202edlrow"),
    ("titles.en", "soft\u00adhyphen"),
    ("titles.en", "\u2800"),
    ("titles.en", "a\ufe0fb"),
    ("titles.en", "\u0301"),
    ("titles.en", "a\u2028b"),
    ("titles.en", "\u00a0"),
    ("titles.de", "Brücke"),
    ("headlines", None),
    ("descriptions.en", "tab\there"),
    ("genre", "trailer"),
    ("keywords.en", "bridge, harbour"),
    ("keywords.en", ["x"] * 51),
    ("recorded_at", "2026-02-30"),
    ("recorded_at", "yesterday"),
    ("recorded_at", "1770854400"),
    ("recorded_at", 1770854400),
    ("recorded_at", "2026-02-12T00:00:00"),
    ("recorded_at", "20260212"),
    ("recorded_at", "2026-2-12"),
    ("recorded_at", "\uff12\uff10\uff12\uff16-02-12"),
    ("duration_ms", 0),
    ("duration_ms", "4000"),
    ("duration_ms", 24 * 60 * 60 * 1000 + 1),
    ("spoken_languages", []),
    ("spoken_languages.0", "English"),
    ("people.0.name", ""),
    ("people.0.nickname", "G."),
    ("people.0.organisation", "\u2067Works"),
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
    ("transcripts.0.segments.0.text", "\u200b"),
    ("transcripts.0.segments.0.text", "How far\ndoes it bend?"),
    ("transcripts.1.segments.0.text", "\ufeffHow far"),
    ("transcripts.0.segments.0.text", "x" * 2001),
    ("poster.file", "poster.svg"),
    ("poster.file", "../../secret/x.jpg"),
    ("poster.file", "/etc/x.jpg"),
    ("poster.file", "folder/x.jpg"),
    ("poster.file", "x.jpg\n"),
    ("poster.sha256", "A" * 64),
    ("renditions", []),
    ("renditions.0.file", "../broadcast.mp4"),
    ("renditions.0.file", ".hidden.mp4"),
    ("renditions.0.file", "/etc/passwd.mp4"),
    ("renditions.0.file", "broadcast.mp4\n"),
    ("renditions.0.file", "відео.mp4"),
    ("renditions.0.file", "a..b.mp4"),
    ("renditions.0.size_bytes", 0),
    ("renditions.0.size_bytes", 2**43 + 1),
    ("renditions.0.size_bytes", 9.5),
    ("renditions.0.sha256", "abc"),
    ("renditions.0.role", "master"),
    ("renditions.0.media_type", "text/html"),
    ("renditions.0.media_type", "video/-mp4"),
    ("renditions.0.media_type", "video/.mp4"),
    ("renditions.0.media_type", "video/mp4; a=b"),
    ("renditions.0.media_type", f"video/{'x' * 65}"),
    ("renditions.0.container", "MP4"),
    ("renditions.0.width", 8),
    ("renditions.0.frame_rate", "25"),
    ("renditions.0.frame_rate", "25/0"),
    ("renditions.0.bit_rate", 0),
    ("surprise", True),
]


@pytest.mark.parametrize(("path", "value"), VALUES, ids=[f"{path}={value!r:.20}" for path, value in VALUES])
def test_a_value_that_is_not_valid_is_named(submit: Submit, path: str, value: object) -> None:
    (line,) = refusal(submit(edit=edited(path, value))).splitlines()
    assert line.startswith(f"{counted(path)}: ")
    assert "Value error" not in line
    assert "pattern" not in line


@pytest.mark.parametrize("field", ["format", "reference", "titles", "poster", "renditions", "duration_ms"])
def test_a_field_that_is_missing_is_named(submit: Submit, field: str) -> None:
    def without(manifest: dict[str, Any]) -> None:
        del manifest[field]

    assert refusal(submit(edit=without)) == f"{field}: is missing"


RULES: list[tuple[str, object, str]] = [
    ("people.1.name", "Greta Holmqvar", "people.name: Greta Holmqvar is there twice"),
    ("spoken_languages", ["en", "en"], "spoken_languages: en is there twice"),
    ("transcripts.1.language", "en", "transcripts.language: en is there twice"),
    ("renditions.1.name", "broadcast-1080p", "renditions.name: broadcast-1080p is there twice"),
    ("renditions.1.file", "BROADCAST.mp4", "file: BROADCAST.mp4 is there twice"),
    ("shotlist.1.number", 3, "shotlist.2.number: is 3; they are numbered"),
    ("shotlist.1.end_ms", 4001, "shotlist.2.end_ms: 4001 is after duration_ms, 4000"),
    ("shotlist.1.speaker", "Nobody", "shotlist.2.speaker: Nobody is not in people"),
    ("transcripts.1.kind", "verbatim", "transcripts.2.kind: uk is not in spoken_languages"),
    ("transcripts.0.segments.0.end_ms", 0, "transcripts.1.segments.1.end_ms: 0 does not come after"),
    ("transcripts.0.segments.0.start_ms", 2001, "transcripts.1.segments.2.start_ms: 2000 is before"),
    ("transcripts.0.segments.1.end_ms", 4001, "transcripts.1.segments.2.end_ms: 4001 is after"),
    (
        "transcripts.0.segments.1.speaker",
        "Nobody",
        "transcripts.1.segments.2.speaker: Nobody is not in people",
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


def test_a_sentence_names_the_value_and_what_is_allowed(submit: Submit) -> None:
    """Trial B17."""

    def edit(manifest: dict[str, Any]) -> None:
        manifest["genre"] = "trailer"
        manifest["recorded_at"] = "1770854400"
        manifest["duration_ms"] = 0
        manifest["transcripts"][1]["segments"][0]["text"] = "How far\ndoes it bend?"
        manifest["renditions"][1]["media_type"] = "video/-mp4"
        manifest["titles"]["en"] = "a\u202eb"
        manifest["surprise"] = True

    genres = "'press_conference', 'doorstep', 'b_roll', 'speech', 'handshake' or 'feature'"
    expected = f"""
titles.en: "a\\u202eb" has a letter that is not seen: U+202E RIGHT-TO-LEFT OVERRIDE, at letter 2; take it out
genre: "trailer" is not {genres}
recorded_at: "1770854400" is not a day, written YYYY-MM-DD
duration_ms: 0 is too small; the least is 1
transcripts.2.segments.1.text: "How far\\ndoes it bend?" has a line break, at letter 8; one line is allowed
renditions.2.media_type: "video/-mp4" is not a type of video, as video/mp4 or application/mxf
surprise: is no field of a manifest
"""
    assert refusal(submit(edit=edit)) == expected.strip()


def test_texts_are_kept_in_normal_form(submit: Submit) -> None:
    """Trial B11: one name, typed as one letter and as two."""

    def edit(manifest: dict[str, Any]) -> None:
        manifest["people"][0]["name"] = "Rene\u0301 Holm"
        manifest["transcripts"][0]["segments"][1]["speaker"] = "Ren\u00e9 Holm"
        manifest["shotlist"][1]["speaker"] = "Rene\u0301 Holm"

    submission = read_manifest((submit(edit=edit) / "manifest.json").read_bytes())
    assert submission.details.people[0].name == "Ren\u00e9 Holm"
    assert submission.details.shotlist[1].speaker == "Ren\u00e9 Holm"


@pytest.mark.parametrize(
    ("speaker", "person", "said"),
    [
        (
            "O\u2019Brien",
            "O\u02bcBrien",
            "letter 2 is U+2019 RIGHT SINGLE QUOTATION MARK here and U+02BC MODIFIER LETTER APOSTROPHE there",
        ),
        (
            "M\u0430ra Quell",
            "Mara Quell",
            "letter 2 is U+0430 CYRILLIC SMALL LETTER A here and U+0061 LATIN SMALL LETTER A there",
        ),
        ("Mara Quel", "Mara Quell", "letter 10 is missing here and U+006C LATIN SMALL LETTER L there"),
    ],
)
def test_the_letter_is_named_by_which_a_speaker_is_nobody(
    submit: Submit, speaker: str, person: str, said: str
) -> None:
    """Trial B11."""

    def edit(manifest: dict[str, Any]) -> None:
        manifest["people"][1]["name"] = person
        manifest["transcripts"][0]["segments"][0]["speaker"] = speaker
        manifest["transcripts"].pop()

    line = f"transcripts.1.segments.1.speaker: {speaker} is not in people; {person} is: {said}"
    assert refusal(submit(edit=edit)) == line


def test_two_people_whose_names_look_the_same_are_refused(submit: Submit) -> None:
    def edit(manifest: dict[str, Any]) -> None:
        manifest["people"] += [{"name": f"O{mark}Brien", "role": "x"} for mark in "\u2019\u02bc"]

    assert refusal(submit(edit=edit)).startswith(
        "people.name: O\u02bcBrien is there twice, besides as O\u2019Brien"
    )


@pytest.mark.parametrize(
    ("text", "doubled", "said"),
    [
        ('"restrictions": {', '"restrictions": {}, "restrictions": {', "restrictions: is there 2 times"),
        ('"role": "Journalist"', '"role": "x", "role": "Journalist"', "people.2.role: is there 2 times"),
        ('"text": {', '"text": {}, "t\\u0065xt": {', "shotlist.1.text: is there 2 times"),
    ],
)
def test_a_name_that_is_there_twice_is_refused(submit: Submit, text: str, doubled: str, said: str) -> None:
    """Trial B12: the first of them vanished."""
    written = (submit() / "manifest.json").read_text()
    assert text in written
    with pytest.raises(ImportRefusedError) as refused:
        read_manifest(written.replace(text, doubled, 1).encode())
    assert str(refused.value) == said


def test_a_byte_order_mark_in_front_is_nothing(submit: Submit) -> None:
    """Trial B17."""
    folder = submit()
    written = (folder / "manifest.json").read_bytes()
    assert read_manifest(b"\xef\xbb\xbf" + written) == read_manifest(written)
    with pytest.raises(ImportRefusedError, match="is not UTF-8 at byte 1"):
        read_manifest(written.decode().encode("utf-16"))


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b'"\xff"', b"[" * 100_000, b'{"a": 1,}', b"NaN", b'"\\ud800"']
)
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    with pytest.raises(ImportRefusedError, match="manifest: "):
        read_manifest(text)
