"""What the catalog refuses, and what the person or program can do about it."""

from collections.abc import Mapping, Sequence
from typing import Any

from newsreel_runtime.errors import FieldError, ServiceError


class ImportRefusedError(Exception):
    """A video or transcript cannot be imported as it was submitted; the message says what to mend."""


def file_changed(file: str) -> ImportRefusedError:
    return ImportRefusedError(f"file: {file} was changed during the import; import it again")


class SweepRefusedError(Exception):
    """The store and the catalog do not belong together; nothing was removed."""


class AlignmentRefusedError(Exception):
    """A text cannot be aligned with captions; the message names what to mend."""


def video_unknown() -> ServiceError:
    return ServiceError("video-unknown", 404, "There is no such video", "Look for it in GET /v1/videos.")


def video_stopped(status: str, reason: str, note: Mapping[Any, str]) -> ServiceError:
    """The press office stopped the video; its reason and its public note are told."""
    told = {"reason": reason, "note": dict(note)}
    if status == "withheld":
        detail = "The press office withholds it for now. It may come back at the same address."
        return ServiceError("video-withheld", 403, "The video is withheld", detail, extra=told)
    detail = "The press office took it back for good. Do not use copies of it."
    return ServiceError("video-withdrawn", 410, "The video was withdrawn", detail, extra=told)


def role_missing(roles: Sequence[str]) -> ServiceError:
    """The account has none of the roles that this takes."""
    detail = f"This takes the role {' or '.join(roles)}; an operator gives it."
    return ServiceError("role-missing", 403, "You may not do that", detail)


def session_ended() -> ServiceError:
    """Identity ended the session, or the account, since it gave the access token."""
    return ServiceError("session-ended", 401, "The session has ended", "Sign in again.")


def identity_away() -> ServiceError:
    """Nobody can say whether the access token still stands."""
    detail = (
        "It cannot be asked whether your session still stands. Nothing was changed: try again in a moment."
    )
    return ServiceError("unavailable", 503, "Not available just now", detail, retry_after=2)


def text_missing(names: Sequence[str]) -> ServiceError:
    """A text that a video must have would be said in no language."""
    detail = "It is said in one language at least."
    fields = [FieldError(name, "text-missing", detail) for name in names]
    return ServiceError("text-missing", 422, "A text would be missing", detail, fields=fields)


def version_missing() -> ServiceError:
    """A change without If-Match would be one of whatever is there (RFC 6585 §3)."""
    detail = "Send If-Match with the ETag of the video that you looked at."
    return ServiceError("version-missing", 428, "Say which version you mean", detail)


def version_passed(version: int) -> ServiceError:
    """The video is another one than the one that was looked at."""
    detail = f"Somebody changed it meanwhile: it is at version {version}. Look at it again first."
    return ServiceError("version-passed", 412, "The video was changed", detail)


def version_unknown() -> ServiceError:
    """If-Match names no version of a video, or any (RFC 9110 §13.1.1)."""
    detail = "If-Match takes one strong ETag, as the video's answer has it."
    return ServiceError("version-passed", 412, "No version has that ETag", detail)


def status_refused(status: str, wanted: str) -> ServiceError:
    """A video of this status cannot become that."""
    ends = " for good" if status == "withdrawn" else ""
    detail = f"It is {status}{ends}, and cannot become {wanted}."
    return ServiceError("status-refused", 409, "The video's status does not allow that", detail)


def transcript_unknown() -> ServiceError:
    """The video has no transcript in that language, or there is no such video."""
    detail = "The video's transcript_languages say which transcripts there are."
    return ServiceError("transcript-unknown", 404, "There is no such transcript", detail)


def cursor_refused() -> ServiceError:
    """The cursor is none that a list gave out."""
    detail = "Use next_cursor of an earlier page as it is, or leave the cursor out to begin anew."
    field = FieldError("cursor", "cursor-refused", detail)
    return ServiceError("cursor-refused", 422, "The cursor is not valid", detail, fields=[field])
