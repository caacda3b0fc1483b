"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). What it has no field for is in `_newsreel`."""

import json
from typing import Any

from portal.representations.feed import Feed, FeedEntry

MEDIA_TYPE = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed) -> bytes:
    """The feed as JSON in UTF-8; the same feed gives the same bytes."""
    body = {
        "version": _VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "description": feed.description,
        "language": feed.language,
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(body, ensure_ascii=False).encode()


def _item(entry: FeedEntry) -> dict[str, Any]:
    texts = (entry.description or entry.headline, entry.credit, entry.restrictions)
    return {
        "id": entry.urn,
        "url": entry.page,
        "title": entry.title,
        "summary": entry.headline,
        "content_text": "\n\n".join(text for text in texts if text),
        "image": entry.poster,
        "date_published": entry.published_at.isoformat(),
        "authors": [{"name": entry.credit}],
        "language": entry.language,
        "_newsreel": {
            "about": "credit and restrictions bind whoever shows the video; duration is in seconds",
            "credit": entry.credit,
            "restrictions": entry.restrictions,
            "duration": entry.seconds,
            "spoken_languages": entry.spoken,
        },
    }
