"""Places that a person is brought back to: a route and its typed parameters, never an address as text."""

import re
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

_VIDEO = re.compile(r"/videos/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@dataclass(frozen=True)
class Home:
    """The list of videos."""

    route: Literal["home"] = "home"


@dataclass(frozen=True)
class VideoPage:
    """A video's page, with the rendition that the person wants to take, if any."""

    video_id: UUID
    rendition_id: UUID | None = None
    route: Literal["video"] = "video"


@dataclass(frozen=True)
class NewsletterPage:
    """The page with the newsletter button."""

    route: Literal["newsletter"] = "newsletter"


@dataclass(frozen=True)
class AccountPage:
    """What the person can do with the own account."""

    route: Literal["account"] = "account"


@dataclass(frozen=True)
class DownloadsPage:
    """What the person was granted."""

    route: Literal["downloads"] = "downloads"


@dataclass(frozen=True)
class Ticket:
    """The stable address of a grant."""

    grant_id: UUID
    route: Literal["ticket"] = "ticket"


Place = Home | VideoPage | NewsletterPage | AccountPage | DownloadsPage | Ticket

_PATHS = {
    "home": "/",
    "newsletter": "/newsletter",
    "account": "/account",
    "downloads": "/account/downloads",
}


def path_of(place: Place) -> str:
    """The place's path on the portal, with query and fragment."""
    match place:
        case VideoPage(video_id, None):
            return f"/videos/{video_id}"
        case VideoPage(video_id, rendition_id):
            return f"/videos/{video_id}?rendition={rendition_id}#rendition-{rendition_id}"
        case Ticket(grant_id):
            return f"/download/{grant_id}"
        case Home() | NewsletterPage() | AccountPage() | DownloadsPage():
            return _PATHS[place.route]


def place_at(path: str) -> Place:
    """The page at `path` when a link may name it; Home for everything else.

    Renditions and tickets are no pages: they come from a press of ours, not from a link.
    """
    if path == "/newsletter":
        return NewsletterPage()
    found = _VIDEO.fullmatch(path)
    return VideoPage(UUID(found[1])) if found else Home()
