"""RSS 2.0 with Media RSS, Atom's link to itself and Dublin Core's language and rights.

Media RSS 1.5.1: where no file has a public address, `media:content` has a `media:player`, the page. RSS says
of a description that it is HTML, so plain text is escaped twice: as HTML, and that as XML.
"""

from email.utils import format_datetime
from html import escape
from xml.etree import ElementTree as ET

from portal.representations.feed import Feed, FeedEntry

MEDIA_TYPE = "application/rss+xml"
_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"

for _prefix, _namespace in (("atom", _ATOM), ("dc", _DC), ("media", _MEDIA)):
    ET.register_namespace(_prefix, _namespace)


def rss(feed: Feed) -> bytes:
    """The feed as a document in UTF-8; the same feed gives the same bytes."""
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _text(channel, "title", feed.title)
    _text(channel, "link", feed.home)
    _text(channel, "description", feed.description)
    _text(channel, "language", feed.language)
    link = {"rel": "self", "type": MEDIA_TYPE, "href": feed.address}
    ET.SubElement(channel, f"{{{_ATOM}}}link", link)
    if feed.entries:
        _text(channel, "pubDate", format_datetime(feed.entries[0].published_at))
    for entry in feed.entries:
        _item(channel, entry)
    return bytes(ET.tostring(root, "utf-8", xml_declaration=True))


def _item(channel: ET.Element, entry: FeedEntry) -> None:
    item = ET.SubElement(channel, "item")
    _text(item, "title", entry.title)
    _text(item, "link", entry.page)
    _text(item, "guid", entry.urn, isPermaLink="false")
    _text(item, "pubDate", format_datetime(entry.published_at))
    _text(item, "description", _html(entry))
    _text(item, f"{{{_DC}}}language", entry.language)
    if entry.restrictions:
        _text(item, f"{{{_DC}}}rights", entry.restrictions)
    spoken = {"lang": entry.spoken[0]} if entry.spoken else {}
    about = {"medium": "video", "duration": str(entry.seconds)} | spoken
    content = ET.SubElement(item, f"{{{_MEDIA}}}content", about)
    ET.SubElement(content, f"{{{_MEDIA}}}player", url=entry.page)
    _text(content, f"{{{_MEDIA}}}title", entry.title, type="plain")
    _text(content, f"{{{_MEDIA}}}description", entry.headline, type="plain")
    ET.SubElement(content, f"{{{_MEDIA}}}thumbnail", url=entry.poster)
    _text(content, f"{{{_MEDIA}}}credit", entry.credit)


def _html(entry: FeedEntry) -> str:
    lines = [entry.headline, *entry.description.splitlines(), entry.credit, *entry.restrictions.splitlines()]
    return "".join(f"<p>{escape(line)}</p>" for line in lines if line.strip())


def _text(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text
