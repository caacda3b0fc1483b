"""Where published files go: the bucket, where settings name one, else the folder."""

from catalog.outbound_media.folder import Folder
from catalog.outbound_media.media_store import MediaStore
from catalog.settings import MediaSettings


def store_of(settings: MediaSettings) -> MediaStore:
    if settings.bucket.name is not None:
        from catalog.outbound_media.bucket import Bucket

        return Bucket(settings.bucket)
    if settings.media_root is None:
        raise ValueError("settings name no place for files")  # they were checked
    return Folder(settings.media_root)
