"""Encoding: one rendition of the test pattern into one file, the same bytes every time."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av

from newsreel_local.samples.pattern import FRAMES_PER_SECOND, SAMPLE_RATE, pictures, sound

_THREADS = 2  # fixed: the number of slices, and so the bytes, depend on it
_BITEXACT = 1 << 23  # AV_CODEC_FLAG_BITEXACT: no version, no random identifier
_BT709 = 1
_POSTER_SIZE = (1280, 720)


@dataclass(frozen=True)
class Profile:
    """How one rendition is made: an MP4 with H.264 and AAC unless said otherwise.

    `container` is also the name of FFmpeg's muxer, `audio_codec` that of its encoder. `bit_rate` is the
    picture's, bits per second; None leaves it to the encoder's quality setting in `options`.
    """

    name: str
    role: str
    width: int
    height: int
    options: tuple[tuple[str, str], ...]
    suffix: str = "mp4"
    media_type: str = "video/mp4"
    container: str = "mp4"
    video_codec: str = "h264"
    video_encoder: str = "libx264"
    audio_codec: str = "aac"
    bit_rate: int | None = None


_ULTRAFAST = ("preset", "ultrafast")

PROFILES = (
    Profile(
        name="broadcast-1080p",
        role="broadcast",
        suffix="mxf",
        media_type="application/mxf",
        container="mxf",
        video_codec="mpeg2video",
        video_encoder="mpeg2video",
        audio_codec="pcm_s24le",
        width=1920,
        height=1080,
        bit_rate=12_000_000,
        options=(("g", "12"), ("qmin", "8")),
    ),
    Profile(name="web-720p", role="web", width=1280, height=720, options=(_ULTRAFAST, ("crf", "24"))),
    Profile(name="proxy-360p", role="proxy", width=640, height=360, options=(_ULTRAFAST, ("crf", "28"))),
)


def encode(path: Path, profile: Profile, number: int, frames: int) -> None:
    """Write `frames` frames of the video `number` (1..9999) to `path`; an MP4 has its index in front."""
    options = {"fflags": "+bitexact"}
    if profile.container == "mp4":
        options["movflags"] = "+faststart"
    shown = zip(range(frames), pictures(profile.width, profile.height, number), sound(number), strict=False)
    with av.open(str(path), "w", format=profile.container, options=options) as container:
        video = _video_stream(container, profile)
        audio = container.add_stream(profile.audio_codec, rate=SAMPLE_RATE)
        assert isinstance(audio, av.AudioStream)  # noqa: S101 (PyAV types a stream by its codec's name)
        audio.layout = "stereo"
        audio.codec_context.flags |= _BITEXACT
        for _, picture, heard in shown:
            container.mux(video.encode(picture))
            container.mux(audio.encode(heard))
        container.mux(video.encode(None))
        container.mux(audio.encode(None))


def _video_stream(container: av.container.OutputContainer, profile: Profile) -> av.VideoStream:
    stream = container.add_stream(profile.video_encoder, rate=FRAMES_PER_SECOND)
    assert isinstance(stream, av.VideoStream)  # noqa: S101 (PyAV types a stream by its codec's name)
    stream.width = profile.width
    stream.height = profile.height
    stream.pix_fmt = "yuv420p"
    stream.options = dict(profile.options)
    if profile.bit_rate is not None:
        stream.bit_rate = profile.bit_rate
    context = stream.codec_context
    context.thread_count = _THREADS
    context.flags |= _BITEXACT
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    return stream


def write_poster(path: Path, number: int, frame: int) -> None:
    """Write one frame of the video `number` to `path` as a JPEG of 1280 x 720."""
    width, height = _POSTER_SIZE
    codec = av.CodecContext.create("mjpeg", "w")
    assert isinstance(codec, av.VideoCodecContext)  # noqa: S101 (a video codec by its name)
    codec.width, codec.height = width, height
    codec.pix_fmt = "yuvj420p"
    codec.framerate = Fraction(FRAMES_PER_SECOND)
    codec.flags |= _BITEXACT
    picture = next(islice(pictures(width, height, number), frame, None))
    still = picture.reformat(format="yuvj420p", src_color_range="MPEG", dst_color_range="JPEG")
    still.pts = 0
    path.write_bytes(b"".join(bytes(packet) for packet in [*codec.encode(still), *codec.encode(None)]))
