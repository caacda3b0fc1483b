"""The test picture: colour bars, a grey ramp with a moving box, the house number and a time code.

Drawn as planes of bytes (YUV 4:2:0, BT.709, limited range), so that no array library is needed.
"""

from fractions import Fraction

import av

FRAMES_PER_SECOND = 25
_BLACK, _WHITE, _GREY = 16, 235, 128

# 75 % bars of ITU-R BT.709, left to right: Y, Cb, Cr
_BARS = (
    (180, 128, 128),
    (168, 44, 136),
    (145, 147, 44),
    (134, 63, 52),
    (63, 193, 204),
    (51, 109, 212),
    (28, 212, 120),
    (16, 128, 128),
)

# 3 x 5 pixels a character, a row a number, the leftmost pixel its highest bit
_GLYPHS = {
    "0": (7, 5, 5, 5, 7),
    "1": (2, 6, 2, 2, 7),
    "2": (7, 1, 7, 4, 7),
    "3": (7, 1, 7, 1, 7),
    "4": (5, 5, 7, 1, 1),
    "5": (7, 4, 7, 1, 7),
    "6": (7, 4, 7, 5, 7),
    "7": (7, 1, 1, 2, 2),
    "8": (7, 5, 7, 5, 7),
    "9": (7, 5, 7, 1, 7),
    ":": (0, 2, 0, 2, 0),
    " ": (0, 0, 0, 0, 0),
}


def time_code(frame: int) -> str:
    """HH:MM:SS:FF of a frame counted from 0 (SMPTE ST 12-1, without drop frame: 25 frames a second)."""
    seconds, rest = divmod(frame, FRAMES_PER_SECOND)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{rest:02}"


class MovingPicture:
    """The moving picture of one video at one size. The height is a multiple of 36, the sides are 16:9."""

    def __init__(self, width: int, height: int, number: str) -> None:
        if height % 36 or width * 9 != height * 16:
            raise ValueError(f"{width}x{height}: 16:9 with a height that is a multiple of 36 is needed")
        self._width = width
        self._height = height
        self._unit = height // 36
        self._number = number
        bars = _rotated(int(number))
        self._ramp = bytes(_BLACK + (_WHITE - _BLACK) * x // width for x in range(width))
        self._luma = bytearray(self._background(bars))
        self._chroma = [self._chroma_plane(bars, 1), self._chroma_plane(bars, 2)]

    def frame(self, number: int) -> av.VideoFrame:
        """The picture of one frame, counted from 0."""
        unit, width = self._unit, self._width
        luma = self._luma  # the two bands that change are written whole, so it need not be copied
        box = self._box_row(number)
        top = (24 * unit + unit // 2) * width
        luma[top : top + 4 * unit * width] = box * (4 * unit)
        text = self._text_rows(f"{self._number} {time_code(number)}")
        luma[30 * unit * width : 35 * unit * width] = text
        frame = av.VideoFrame(width, self._height, "yuv420p")
        for plane, content in zip(frame.planes, (bytes(luma), *self._chroma), strict=True):
            plane.update(_padded(content, plane.line_size, plane.width))
        frame.pts = number
        frame.time_base = Fraction(1, FRAMES_PER_SECOND)
        return frame

    def _background(self, bars: list[tuple[int, int, int]]) -> bytes:
        width, unit = self._width, self._unit
        colour_row = b"".join(bytes([bar[0]]) * (width // 8) for bar in bars)
        return colour_row * (24 * unit) + self._ramp * (5 * unit) + bytes([_BLACK]) * (width * 7 * unit)

    def _chroma_plane(self, bars: list[tuple[int, int, int]], component: int) -> bytes:
        width, unit = self._width // 2, self._unit
        row = b"".join(bytes([bar[component]]) * (width // 8) for bar in bars)
        return row * (12 * unit) + bytes([_GREY]) * (width * (self._height // 2 - 12 * unit))

    def _box_row(self, number: int) -> bytes:
        """A row through the white box that crosses the ramp and comes back, in five seconds."""
        side = 4 * self._unit
        half = 5 * FRAMES_PER_SECOND // 2
        step = number % (2 * half)
        left = (self._width - side) * (step if step < half else 2 * half - step) // half
        return self._ramp[:left] + bytes([_WHITE]) * side + self._ramp[left + side :]

    def _text_rows(self, text: str) -> bytes:
        """The five rows of pixels of the text, centred on black; a pixel is a square of one unit."""
        unit = self._unit
        black, white = bytes([_BLACK]) * unit, bytes([_WHITE]) * unit
        margin = bytes([_BLACK]) * ((self._width - 4 * unit * len(text)) // 2)
        rows = []
        for y in range(5):
            shown = (_GLYPHS[character][y] & bit for character in text for bit in (4, 2, 1, 0))
            row = margin + b"".join(white if lit else black for lit in shown) + margin
            rows.append(row * unit)
        return b"".join(rows)


def _rotated(number: int) -> list[tuple[int, int, int]]:
    """The bars in another order for each video, so that no two look the same."""
    turn = number % len(_BARS)
    return [*_BARS[turn:], *_BARS[:turn]]


def _padded(content: bytes, line_size: int, width: int) -> bytes:
    """The plane with each row as long as the encoder's memory wants it."""
    if line_size == width:
        return content
    rows = (content[begin : begin + width] for begin in range(0, len(content), width))
    return b"".join(row + bytes(line_size - width) for row in rows)
