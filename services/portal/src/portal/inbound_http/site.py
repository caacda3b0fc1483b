"""What the pages are made with: where the portal is, what it asks, how it signs and how it writes."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from portal.domain.languages import LANGUAGES, pick
from portal.inbound_http import writing
from portal.inbound_http.signing import Signing
from portal.outbound_http import Catalog, Delivery, Identity

STATIC = Path(__file__).parents[1] / "static"


@dataclass(frozen=True)
class Site:
    """One portal. `origin` is where browsers reach it, `media_origin` where they reach posters and files."""

    origin: str
    media_origin: str
    signing: Signing
    identity: Identity
    catalog: Catalog
    delivery: Delivery
    templates: Environment

    @property
    def secure(self) -> bool:
        """Whether browsers come by https."""
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
        "duration": writing.duration,
        "time_code": writing.time_code,
        "day": writing.day,
        "size": writing.size,
        "bit_rate": writing.bit_rate,
        "frame_rate": writing.frame_rate,
        "wait": writing.wait,
        "words": writing.words,
        "paragraphs": writing.paragraphs,
    }
    style = (STATIC / "newsreel.css").read_bytes()
    environment.globals |= {"LANGUAGES": LANGUAGES, "style_version": sha256(style).hexdigest()[:12]}
    return environment
