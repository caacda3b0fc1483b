"""The tone: a quiet sine of one pitch per video, stereo, 16 bit, 48 kHz."""

import math
from array import array
from fractions import Fraction

import av

from newsreel_local.samples.picture import FRAMES_PER_SECOND

SAMPLE_RATE = 48_000
_SAMPLES = SAMPLE_RATE // FRAMES_PER_SECOND
_AMPLITUDE = 3277  # -20 dBFS, the alignment level of EBU R 68 is -18
_PITCHES = (1000, 750, 500, 1200, 800, 600)  # Hz; each has whole periods in one frame of picture


class Tone:
    """The sound of one video, in blocks as long as a frame of its picture."""

    def __init__(self, number: int) -> None:
        pitch = _PITCHES[number % len(_PITCHES)]
        period = [
            round(_AMPLITUDE * math.sin(2 * math.pi * pitch * at / SAMPLE_RATE)) for at in range(_SAMPLES)
        ]
        self._block = array("h", [value for value in period for _ in ("left", "right")]).tobytes()

    def frame(self, number: int) -> av.AudioFrame:
        """The sound that belongs to one frame of the picture, counted from 0."""
        frame = av.AudioFrame(format="s16", layout="stereo", samples=_SAMPLES)
        frame.planes[0].update(self._block)
        frame.sample_rate = SAMPLE_RATE
        frame.pts = number * _SAMPLES
        frame.time_base = Fraction(1, SAMPLE_RATE)
        return frame
