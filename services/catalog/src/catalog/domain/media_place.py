"""Where the files of a video lie: by a path in a folder, by their bytes in a bucket."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from catalog.domain.revision import Plan
from catalog.domain.video import StoredFile


@dataclass(frozen=True)
class Place:
    """`path` in a folder; in a bucket the key is the sha256 (hexadecimal), and no other bytes can have it."""

    path: str
    sha256: str


@dataclass(frozen=True)
class Placement:
    """A submitted file, its place and its type."""

    place: Place
    stored: StoredFile
    media_type: str


def rendition_place(rendition_id: UUID, file: str, sha256: str) -> Place:
    return Place(f"{rendition_id}/{file}", sha256)


def poster_place(video_id: UUID, sha256: str) -> Place:
    return Place(f"posters/{video_id}/{sha256}.jpg", sha256)


def placements(plan: Plan) -> Iterator[Placement]:
    """Every file of the planned video."""
    for found in plan.renditions:
        place = rendition_place(found.rendition_id, found.file, found.sha256)
        yield Placement(place, found, found.media_type)
    poster = plan.submission.poster
    yield Placement(poster_place(plan.video_id, poster.sha256), poster, "image/jpeg")
