"""In which language a page is shown, and a video's texts are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LANGUAGES = {"en": "English", "fr": "Français", "uk": "Українська"}


@dataclass(frozen=True)
class Text:
    """A text and the language it is in (BCP 47)."""

    language: str
    text: str


def preferred(chosen: Sequence[str | None], accept_language: str) -> tuple[str, ...]:
    """Our languages, best first: the chosen ones, then Accept-Language (RFC 9110 §12.5.4), then English."""
    ranked = sorted(_accepted(accept_language[:500]), key=lambda pair: -pair[1])
    order = [*(one or "" for one in chosen), *(language for language, _ in ranked), *LANGUAGES]
    return tuple(dict.fromkeys(language for language in order if language in LANGUAGES))


def _accepted(header: str) -> list[tuple[str, float]]:
    accepted = []
    for item in header.split(","):
        tag, _, parameter = item.strip().partition(";")
        name, _, weight = parameter.strip().partition("=")
        try:
            quality = float(weight) if name == "q" else 1.0
        except ValueError:
            continue
        if 0 < quality <= 1:
            accepted.append((tag.strip().partition("-")[0].lower(), quality))
    return accepted


def best(offered: Sequence[str], order: Sequence[str]) -> str | None:
    """The offered language that comes first in `order`; any when none does; None when nothing is offered."""
    for language in order:
        if language in offered:
            return language
    return offered[0] if offered else None


def pick(texts: Mapping[str, str], order: Sequence[str]) -> Text:
    """The text in the language that comes first in `order`; empty when there is none."""
    language = best([key for key, text in texts.items() if text], order)
    return Text(language, texts[language]) if language else Text("en", "")
