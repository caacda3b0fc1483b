"""The colours of both schemes hold WCAG 2.2 AA: 4.5 for text (1.4.3), 3 for edges and focus (1.4.11)."""

import re

import pytest

from portal.inbound_http.site import STATIC

TEXT = [
    ("ink", "paper"),
    ("ink", "sheet"),
    ("soft", "paper"),
    ("soft", "sheet"),
    ("link", "paper"),
    ("link", "sheet"),
    ("accent-ink", "accent"),
    ("ink", "chosen"),
    ("soft", "chosen"),
    ("link", "chosen"),
    ("ink", "good"),
    ("ink", "bad-paper"),
    ("bad", "bad-paper"),
    ("bad", "paper"),
    ("bad", "sheet"),
]
EDGES = [("edge", "paper"), ("edge", "sheet"), ("focus", "paper"), ("focus", "sheet"), ("accent", "paper")]


def schemes() -> list[dict[str, str]]:
    """The colours by name, of the light and of the dark scheme."""
    sheet = (STATIC / "newsreel.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in blocks]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    """The ratio of two colours, from 1 to 21."""
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_and_edges_can_be_seen(scheme: int) -> None:
    colours = schemes()[scheme]
    weak = [pair for pair in TEXT if contrast(colours[pair[0]], colours[pair[1]]) < 4.5]
    faint = [pair for pair in EDGES if contrast(colours[pair[0]], colours[pair[1]]) < 3]
    assert (weak, faint) == ([], [])


def test_black_on_white_is_twenty_one() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
