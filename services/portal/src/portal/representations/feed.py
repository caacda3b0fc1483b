"""A feed before it is written: its addresses, and its entries in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain.feeds import Entry, writable
from portal.domain.languages import pick


@dataclass(frozen=True)
class FeedEntry:
    """One video; `language` is that of its texts."""

    video_id: UUID
    page: str
    poster: str
    language: str
    title: str
    headline: str
    description: str
    credit: str
    restrictions: str
    published_at: datetime
    seconds: int
    spoken: tuple[str, ...]

    @property
    def urn(self) -> str:
        """The same in every language and for ever: a reader shows a video once."""
        return f"urn:uuid:{self.video_id}"


@dataclass(frozen=True)
class Feed:
    """The newest videos; `address` is the feed's own, `home` the page that it is of."""

    address: str
    home: str
    language: str
    title: str
    description: str
    entries: tuple[FeedEntry, ...]


def entry_of(video: Entry, order: Sequence[str], page: str, poster: str) -> FeedEntry:
    """The entry in the languages of `order`, best first."""
    title = pick(video.title, order)
    texts = (video.headline, video.description, video.restrictions)
    headline, description, restrictions = (writable(pick(text, order).text) for text in texts)
    return FeedEntry(
        video_id=video.id,
        page=page,
        poster=poster,
        language=title.language,
        title=writable(title.text),
        headline=headline,
        description=description,
        credit=writable(video.credit_line),
        restrictions=restrictions,
        published_at=video.published_at,
        seconds=max(1, round(video.duration_ms / 1000)),
        spoken=video.spoken_languages,
    )
