"""A video's texts are changed: a revision."""

from dataclasses import replace
from uuid import UUID

from catalog import errors, outbound_events
from catalog.domain.edit import NEEDED, Edit, changes
from catalog.domain.editorial import Note
from catalog.domain.video import Video
from catalog.store import editorial, publication
from catalog.usecases.held_video import held_video
from catalog.usecases.index_video import index_video
from newsreel_runtime.transaction import Tx


async def edit_video(tx: Tx, video_id: UUID, edit: Edit, note: Note, *, version: int) -> Video:
    """Publish the video with these texts; one that is withheld shows them once it is released.

    Returns it as it is now: nothing is done when nothing differs. Raises `ServiceError`: video-unknown,
    version-passed, status-refused, text-missing.
    """
    video = await held_video(tx, video_id, version=version, allowed={"usable", "withheld"}, wanted="revised")
    details = edit.of(video.details)
    changed = changes(details, video.details)
    if not changed:
        return video
    if missing := [name for name in NEEDED if not getattr(details, name)]:
        raise errors.text_missing(missing)
    revised = replace(video, version=video.version + 1, details=details)
    await publication.save_video(tx, revised, note.at)
    editorial.record(tx, revised, "revised", replace(note, why=f"{', '.join(changed)}: {note.why}"))
    await index_video(tx, video_id)
    outbound_events.video_changed(tx, revised)
    return revised
