"""The sample videos: they decode, come out the same every time, and their texts hold together."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import pytest

from catalog.outbound_media.submitted import verify_files
from catalog.representations.submission import read_manifest
from newsreel_local.samples.encode import PROFILES, Profile, encode
from newsreel_local.samples.generate import ensure_video, is_complete
from newsreel_local.samples.manifest import texts_part
from newsreel_local.samples.pattern import pictures
from newsreel_local.samples.texts import SampleText, read_texts

TEXTS = read_texts()
BROADCAST, WEB, PROXY = PROFILES
SMALL = (replace(BROADCAST, width=640, height=360), PROXY)
each_text = pytest.mark.parametrize("text", TEXTS, ids=[text["reference"] for text in TEXTS])
SHORTEST = min(TEXTS, key=lambda text: text["duration_ms"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One sample at small size."""
    output = tmp_path_factory.mktemp("samples")
    ensure_video(SHORTEST, output, SMALL)
    return output


@pytest.mark.parametrize("profile", PROFILES, ids=[profile.name for profile in PROFILES])
def test_a_rendition_decodes_whole_and_is_the_same_every_time(tmp_path: Path, profile: Profile) -> None:
    paths = [tmp_path / f"{name}.{profile.suffix}" for name in ("first", "second")]
    for path in paths:
        encode(path, profile, number=3, frames=8)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    with av.open(str(paths[0])) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.width, video.height, video.average_rate) == (
            profile.width,
            profile.height,
            Fraction(25),
        )
        assert (video.codec_context.name, audio.codec_context.name) == (
            profile.video_codec,
            profile.audio_codec,
        )
        assert (audio.codec_context.sample_rate, audio.codec_context.layout.nb_channels) == (48_000, 2)
        kinds = [type(frame) for frame in container.decode(video, audio)]
    assert kinds.count(av.VideoFrame) == 8
    assert av.AudioFrame in kinds


def test_two_videos_do_not_look_the_same(tmp_path: Path) -> None:
    for number in (1, 2):
        encode(tmp_path / str(number), PROXY, number, frames=2)
    assert (tmp_path / "1").read_bytes() != (tmp_path / "2").read_bytes()


def test_an_mp4_has_its_index_in_front(tmp_path: Path) -> None:
    encode(tmp_path / "x", PROXY, number=1, frames=2)
    content = (tmp_path / "x").read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_the_picture_moves() -> None:
    first, second = (bytes(frame.planes[0]) for frame in islice(pictures(640, 360, 1), 2))
    assert first != second


def test_a_made_video_is_what_an_import_takes(made: Path) -> None:
    folder = made / SHORTEST["reference"]
    submission = read_manifest((folder / "manifest.json").read_bytes())
    verify_files(folder, submission)
    assert [media.name for media in submission.media] == ["broadcast-1080p", "proxy-360p"]
    assert [path.name for path in made.iterdir()] == [SHORTEST["reference"]]
    with av.open(str(folder / submission.poster.file)) as poster:
        frame = next(poster.decode(video=0))
    assert (frame.width, frame.height) == (1280, 720)


def test_a_rendition_lasts_as_long_as_the_manifest_says(made: Path) -> None:
    for path in (made / SHORTEST["reference"]).glob("*.m[px][4f]"):
        with av.open(str(path)) as container:
            assert container.duration is not None
            assert abs(container.duration / 1000 - SHORTEST["duration_ms"]) <= 100


def test_a_complete_video_is_not_made_again(made: Path) -> None:
    manifest = made / SHORTEST["reference"] / "manifest.json"
    before = manifest.stat().st_ino
    ensure_video(SHORTEST, made, SMALL)
    assert manifest.stat().st_ino == before


def damage_file(folder: Path) -> None:
    path = next(folder.glob("*.mp4"))
    path.write_bytes(path.read_bytes()[:-1])


def remove_file(folder: Path) -> None:
    next(folder.glob("*.jpg")).unlink()


def cut_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:100])


def other_text(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"location": "Elsewhere"}))


@pytest.mark.parametrize("damage", [damage_file, remove_file, cut_manifest, other_text])
def test_what_an_interrupted_run_left_is_made_anew(tmp_path: Path, damage: object) -> None:
    assert callable(damage)
    tiny = (replace(PROXY, width=64, height=36),)
    ensure_video(SHORTEST, tmp_path, tiny)
    (tmp_path / f".{SHORTEST['reference']}.partial").mkdir()
    damage(tmp_path / SHORTEST["reference"])
    assert not is_complete(SHORTEST, tmp_path)
    ensure_video(SHORTEST, tmp_path, tiny)
    assert is_complete(SHORTEST, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [SHORTEST["reference"]]


def test_there_are_six_of_different_genres() -> None:
    assert len({text["reference"] for text in TEXTS}) == 6
    assert len({text["genre"] for text in TEXTS}) == 6
    assert {text["transcript"]["spoken"] for text in TEXTS} == {"en", "fr", "uk"}


@each_text
def test_every_text_is_there_in_three_languages(text: SampleText) -> None:
    whole = [text["titles"], text["headlines"], text["descriptions"], text["keywords"], text["restrictions"]]
    pieces = [piece["text"] for piece in (*text["shotlist"], *text["transcript"]["segments"])]
    for said in (*whole, *pieces):
        assert isinstance(said, dict)
        assert set(said) == {"en", "fr", "uk"}
    assert len({len(words) for words in text["keywords"].values()}) == 1


@each_text
def test_texts_hold_together_as_an_import_demands(text: SampleText) -> None:
    """The times fit the duration, speakers are listed people: the import's own rules."""
    file = {"size_bytes": 1, "sha256": "0" * 64}
    rendition = file | {
        "file": "a.mp4",
        "name": "web-720p",
        "role": "web",
        "media_type": "video/mp4",
        "container": "mp4",
        "video_codec": "h264",
        "width": 1280,
        "height": 720,
        "frame_rate": "25/1",
        "bit_rate": 1,
    }
    manifest = texts_part(text) | {"poster": file | {"file": "a.jpg"}, "renditions": [rendition]}
    submission = read_manifest(json.dumps(manifest).encode())
    verbatim, *translations = submission.transcripts
    assert (verbatim.language, verbatim.kind) == (text["transcript"]["spoken"], "verbatim")
    assert {translation.kind for translation in translations} == {"translation"}
    parts = [segment.part for segment in verbatim.segments]
    assert parts[0] == "speech"
    assert {"speech", "question", "answer"} == set(parts)
    assert text["duration_ms"] % 40 == 0
