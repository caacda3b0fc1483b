"""The test pattern: FFmpeg's moving picture and a quiet tone; each video has a hue and a pitch of its own."""

from collections.abc import Iterator

import av
from av.filter import Graph

FRAMES_PER_SECOND = 25
SAMPLE_RATE = 48_000
_PITCHES = (1000, 750, 500, 1200, 800, 600)  # Hz


def pictures(width: int, height: int, number: int) -> Iterator[av.VideoFrame]:
    """The frames of the video `number`, without end."""
    source = ("smptehdbars", f"size={width}x{height}:rate={FRAMES_PER_SECOND}")
    for frame in _filtered(
        source,
        ("hue", f"h={number * 45 % 360}"),
        ("format", "pix_fmts=yuv420p"),
        ("scroll", f"horizontal={16 / width}"),
    ):
        assert isinstance(frame, av.VideoFrame)  # noqa: S101 (what a video sink gives)
        yield frame


def sound(number: int) -> Iterator[av.AudioFrame]:
    """The sound of the video `number`, without end, a frame long each: stereo, -18 dBFS (EBU R 68)."""
    pitch, samples = _PITCHES[number % len(_PITCHES)], SAMPLE_RATE // FRAMES_PER_SECOND
    source = ("sine", f"frequency={pitch}:sample_rate={SAMPLE_RATE}:samples_per_frame={samples}")
    for frame in _filtered(source, ("aformat", "sample_fmts=s16:channel_layouts=stereo")):
        assert isinstance(frame, av.AudioFrame)  # noqa: S101 (what an audio sink gives)
        yield frame


def _filtered(*filters: tuple[str, str]) -> Iterator[av.VideoFrame | av.AudioFrame]:
    graph = Graph()
    sink = ("abuffersink", None) if filters[0][0] == "sine" else ("buffersink", None)
    graph.link_nodes(*(graph.add(name, options) for name, options in (*filters, sink))).configure()
    while True:
        yield graph.pull()
