"""What an operator names: a published video, a file."""

from pathlib import Path

from catalog.domain.plain_text import printable
from catalog.domain.video import Video
from catalog.errors import ImportRefusedError
from catalog.representations.said import FILE_BYTES
from catalog.store import videos
from newsreel_runtime.sql import Sql


async def published_video(sql: Sql, reference: str) -> Video:
    """By its house number. Raises `ImportRefusedError`."""
    video = await videos.find_by_reference(sql, reference)
    if video is None:
        raise ImportRefusedError(f"reference: there is no video {printable(reference)}")
    return video


def file_content(file: Path) -> bytes:
    """What is in it; of a file that is too large, no more than it takes to tell. Raises `OSError`."""
    with file.open("rb") as opened:
        return opened.read(FILE_BYTES + 1)
