"""The latency distributions as one SVG: percentiles over a logarithmic scale of milliseconds."""

import math
from collections.abc import Mapping
from html import escape
from typing import Protocol

_COLOURS = {
    "ceiling": "#c9a227",
    "ours": "#0b6e4f",
    "debezium": "#c8553d",
    "txoutbox": "#3d5a98",
    "faststream-outbox": "#8a5aa8",
    "naive": "#777777",
}
_PERCENTS = [1, 5, 10, 25, 50, 75, 90, 95, 99, 99.5]
_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 250, 260, 50, 46, 36


class Waits(Protocol):
    """One distribution."""

    def committed(self, percent: float) -> float:
        """A percentile in milliseconds."""


def _x(milliseconds: float) -> float:
    """0.5 ms to 2 s."""
    place = (math.log10(min(max(milliseconds, 0.5), 2000)) - math.log10(0.5)) / (
        math.log10(2000) - math.log10(0.5)
    )
    return place * _WIDTH


def _y(percent: float) -> float:
    """The upper percentiles get most of the room: -log(1 - p)."""
    return _HEIGHT - _HEIGHT * -math.log10(1 - percent / 100) / -math.log10(1 - 0.995)


def _panel(rate: int, lines: Mapping[str, Waits], left: float) -> list[str]:
    parts = [
        f'<g transform="translate({left},{_TOP})">',
        f'<text x="0" y="-12" font-weight="bold">{rate} events/s</text>',
    ]
    for milliseconds in (1, 10, 100, 1000):
        x = _x(milliseconds)
        parts.append(f'<line x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{_HEIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{_HEIGHT + 16}" text-anchor="middle">{milliseconds}</text>')
    for percent in (50, 90, 99):
        y = _y(percent)
        parts.append(f'<line x1="0" y1="{y:.1f}" x2="{_WIDTH}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="-6" y="{y + 4:.1f}" text-anchor="end">p{percent}</text>')
    for name, waits in lines.items():
        points = " ".join(f"{_x(waits.committed(one)):.1f},{_y(one):.1f}" for one in _PERCENTS)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{_COLOURS[name]}" stroke-width="2"/>')
    parts.append("</g>")
    return parts


def picture(waits: Mapping[tuple[str, int], Waits]) -> str:
    """The whole document."""
    rates = sorted({rate for _, rate in waits})
    width = _LEFT + len(rates) * (_WIDTH + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT + _TOP + 66}"',
        'font-family="sans-serif" font-size="12" role="img" aria-label="Latency by contestant and rate">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for place, rate in enumerate(rates):
        lines = {name: one for (name, at), one in waits.items() if at == rate}
        parts += _panel(rate, lines, _LEFT + place * (_WIDTH + _GAP))
    x = _LEFT
    for name, colour in _COLOURS.items():
        if any(one == name for one, _ in waits):
            parts.append(f'<rect x="{x}" y="{_HEIGHT + _TOP + 40}" width="12" height="12" fill="{colour}"/>')
            parts.append(f'<text x="{x + 18}" y="{_HEIGHT + _TOP + 50}">{escape(name)}</text>')
            x += 150
    parts.append(f'<text x="{_LEFT}" y="{_HEIGHT + _TOP + 30}">commit to consumer, ms</text></svg>')
    return "\n".join(parts) + "\n"
