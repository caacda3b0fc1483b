"""What the catalog refuses, and what the person or program can do about it."""

from newsreel_runtime.errors import FieldError, ServiceError


class ImportRefusedError(Exception):
    """A video or transcript cannot be imported as it was submitted; the message says what to mend."""


def file_changed(file: str) -> ImportRefusedError:
    return ImportRefusedError(f"file: {file} was changed during the import; import it again")


class AlignmentRefusedError(Exception):
    """A text cannot be aligned with captions; the message names what to mend."""


def video_unknown() -> ServiceError:
    return ServiceError("video-unknown", 404, "There is no such video", "Look for it in GET /v1/videos.")


def transcript_unknown() -> ServiceError:
    """The video has no transcript in that language, or there is no such video."""
    detail = "The video's transcript_languages say which transcripts there are."
    return ServiceError("transcript-unknown", 404, "There is no such transcript", detail)


def cursor_refused() -> ServiceError:
    """The cursor is none that a list gave out."""
    detail = "Use next_cursor of an earlier page as it is, or leave the cursor out to begin anew."
    field = FieldError("cursor", "cursor-refused", detail)
    return ServiceError("cursor-refused", 422, "The cursor is not valid", detail, fields=[field])
