"""What the pages are made with: where the portal is, what it asks, how it signs and how it writes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined

from portal.domain.languages import LANGUAGES, pick
from portal.domain.moments import narrowed
from portal.inbound_http.formats import Formats, paragraphs, time_code
from portal.inbound_http.signatures import Signatures
from portal.inbound_http.translations import translations
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
    templates: Mapping[str, Environment]
    clock: Callable[[], datetime]

    def poster(self, video_id: UUID) -> str:
        """The address of a video's poster."""
        return f"{self.media_origin}/posters/{video_id}.jpg"

    @property
    def secure(self) -> bool:
        return self.origin.startswith("https://")

    def cookie(self, name: str) -> str:
        """The cookie's name; by https it is bound to this very host (RFC 6265bis §4.1.3.2)."""
        return f"__Host-{name}" if self.secure else name


@cache
def templates(language: str) -> Environment:
    """The templates in a language, compiled once: they escape everything and refuse an unknown name."""
    environment = Environment(
        loader=PackageLoader("portal"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    # The extension adds this method; jinja2 has no type for it.
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    formats = Formats(language)
    environment.filters |= {
        "pick": pick,
        "bit_rate": formats.bit_rate,
        "byte_count": formats.byte_count,
        "day": formats.day,
        "duration": formats.duration,
        "frame_rate": formats.frame_rate,
        "in_words": formats.in_words,
        "moment": formats.moment,
        "number": formats.number,
        "paragraphs": paragraphs,
        "said": lambda said: said.in_language(language),
        "size": formats.size,
        "time_code": time_code,
        "wait": formats.wait,
        "words": formats.words,
        "narrowed": narrowed,
    }
    environment.globals |= {
        "LANGUAGES": LANGUAGES,
        "language": language,
        "style_version": _version("newsreel.css"),
        "script_version": _version("code.js"),
    }
    return environment


def _version(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]
