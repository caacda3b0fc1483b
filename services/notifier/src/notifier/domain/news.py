"""What a newsletter tells of a video."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from notifier.domain.mail import Locale


@dataclass(frozen=True)
class NewsItem:
    """A published video: its title and headline by language."""

    video_id: UUID
    titles: Mapping[str, str]
    headlines: Mapping[str, str]
    published_at: datetime

    def title(self, locale: Locale) -> tuple[str, str]:
        """Language and text: that of the reader, else English, else what there is."""
        return picked(self.titles, locale)

    def headline(self, locale: Locale) -> tuple[str, str]:
        """As `title`."""
        return picked(self.headlines, locale)


def picked(texts: Mapping[str, str], locale: Locale) -> tuple[str, str]:
    """Language and text: that of the reader, else English, else what there is; an empty text for none."""
    language = next((one for one in (locale, "en", *sorted(texts)) if one in texts), "en")
    return language, " ".join(texts.get(language, "").split())
