"""What the pages are made with: where the portal is, what it asks, how it signs and how it writes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from portal.domain.languages import LANGUAGES, pick
from portal.domain.moments import narrowed
from portal.inbound_http import formats
from portal.inbound_http.signatures import Signatures
from portal.outbound_http import Catalog, Delivery, Identity

STATIC = Path(__file__).parents[1] / "static"


@dataclass(frozen=True)
class Site:
    """One portal. `origin` is where browsers reach it, `media_origin` where they reach posters and files."""

    origin: str
    media_origin: str
    signatures: Signatures
    identity: Identity
    catalog: Catalog
    delivery: Delivery
    templates: Environment
    clock: Callable[[], datetime]

    @property
    def secure(self) -> bool:
        return self.origin.startswith("https://")

    def cookie(self, name: str) -> str:
        """The cookie's name; by https it is bound to this very host (RFC 6265bis §4.1.3.2)."""
        return f"__Host-{name}" if self.secure else name


@cache
def templates() -> Environment:
    """The templates, which escape everything and refuse a name that was not given; compiled once."""
    environment = Environment(
        loader=PackageLoader("portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "pick": pick,
        "duration": formats.duration,
        "time_code": formats.time_code,
        "day": formats.day,
        "moment": formats.moment,
        "size": formats.size,
        "bit_rate": formats.bit_rate,
        "frame_rate": formats.frame_rate,
        "wait": formats.wait,
        "words": formats.words,
        "paragraphs": formats.paragraphs,
        "in_words": formats.in_words,
        "narrowed": narrowed,
    }
    environment.globals |= {
        "LANGUAGES": LANGUAGES,
        "style_version": _version("newsreel.css"),
        "script_version": _version("code.js"),
    }
    return environment


def _version(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]
