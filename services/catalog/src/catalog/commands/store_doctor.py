"""What `newsreel doctor` says of the bucket: a small object is written, looked for and removed."""

import asyncio
import hashlib
import io

from catalog.commands.store_of_files import store_of
from catalog.domain.media_place import Placement, rendition_place
from catalog.domain.video import StoredFile
from catalog.outbound_media.media_store import MediaStore
from catalog.settings import MediaSettings, Settings
from newsreel_runtime.doctor.finding import Finding
from newsreel_runtime.ids import new_id
from newsreel_runtime.settings import Bucket

_MEND = "NEWSREEL_BUCKET_…, and the rights of the key: it lists, reads, writes and deletes sha256/*"


async def look_at_bucket(_: Settings) -> list[Finding]:
    """Nothing where files lie in a folder: the service itself does not see it."""
    bucket = Bucket()
    if bucket.name is None:
        return []
    place = f"{bucket.name} at {bucket.endpoint}"
    try:
        await asyncio.to_thread(_try, store_of(MediaSettings()))
    except OSError as error:
        return [Finding("bucket", f"{place}: {error}", _MEND)]
    return [Finding("bucket", f"{place} is listed, read and written")]


def _try(store: MediaStore) -> None:
    next(iter(store.keys()), None)
    content = new_id().bytes
    sha256 = hashlib.sha256(content).hexdigest()
    tried = Placement(
        rendition_place(new_id(), "doctor", sha256), StoredFile("doctor", len(content), sha256), "-"
    )
    store.put(tried, io.BytesIO(content))
    try:
        if not store.holds(tried):
            raise OSError("what was written is not there")
    finally:
        store.remove(store.key_of(tried.place))
