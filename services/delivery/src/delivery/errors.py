"""What delivery refuses, and what the person or program can do about it."""

from newsreel_runtime.errors import ServiceError

_MAKE_ANOTHER = (
    "Make a new link: at the portal under Your downloads, or by POST to the grant's tickets. "
    "A download that broke off goes on with it, by Range and If-Range."
)


def session_ended() -> ServiceError:
    """The session of the access token was ended after the token was issued."""
    return ServiceError("session-ended", 401, "The session has ended", "Sign in again.")


def account_not_active() -> ServiceError:
    """The account is suspended or deleted."""
    detail = "The account cannot download."
    return ServiceError("account-not-active", 403, "The account is not active", detail)


def rendition_unknown() -> ServiceError:
    """No such rendition of that video, or the catalogue took it back."""
    detail = "Look the video up again: its renditions may have changed."
    return ServiceError("rendition-unknown", 404, "There is no such rendition", detail)


def video_withheld() -> ServiceError:
    """The press office stopped the video for now."""
    detail = (
        "The press office withholds this video for now. The ticket gives its file again once it is released."
    )
    return ServiceError("video-withheld", 403, "The video is withheld", detail)


def video_withdrawn() -> ServiceError:
    """The press office took the video back for good."""
    detail = "The press office withdrew this video for good. Do not use copies of it."
    return ServiceError("video-withdrawn", 410, "The video was withdrawn", detail)


def grant_unknown() -> ServiceError:
    """No such grant, or somebody else's: the two look the same."""
    return ServiceError("grant-unknown", 404, "There is no such grant", "Ask for the download again.")


def grant_revoked() -> ServiceError:
    """The grant was taken back, and with it its ticket and every signed URL."""
    detail = "This download link was revoked. Ask for the rendition again: that makes a new one."
    return ServiceError("grant-revoked", 410, "The download link was revoked", detail)


def link_refused() -> ServiceError:
    """The URL's signature does not hold here."""
    detail = "This is not a link that was given out as it stands. Use the ticket to get a fresh one."
    return ServiceError("link-refused", 403, "The link is not valid", detail)


def link_expired(ticket: str) -> ServiceError:
    """The URL was good; `ticket` gives a fresh one, and the transfer goes on from where it stopped."""
    detail = "Follow the ticket for a fresh link and resume with Range and If-Range."
    return ServiceError("link-expired", 410, "The link has expired", detail, extra={"ticket": ticket})


def ticket_refused() -> ServiceError:
    """No such bearer: made up, mistyped, of an account that is gone, or over for long. All look the same."""
    detail = "This is not a link that was given out as it stands, or it is long over. Make a new one."
    return ServiceError("ticket-refused", 403, "The link is not valid", detail)


def ticket_expired(ticket: str) -> ServiceError:
    """A bearer ticket whose time is over, or whose account signed out everywhere since."""
    extra = {"ticket": ticket}
    return ServiceError("ticket-expired", 410, "The link has expired", _MAKE_ANOTHER, extra=extra)


def ticket_revoked(ticket: str) -> ServiceError:
    """A bearer ticket that its account took back."""
    extra = {"ticket": ticket}
    return ServiceError("ticket-revoked", 410, "The link was revoked", _MAKE_ANOTHER, extra=extra)


def ticket_unknown() -> ServiceError:
    """The grant has no bearer ticket of that id."""
    return ServiceError("ticket-unknown", 404, "There is no such link", "List the grant's links again.")


def tickets_too_many(most: int) -> ServiceError:
    """The grant has as many bearer tickets as one may have."""
    detail = f"A file has {most} links at once. Revoke one, or wait until one expires."
    return ServiceError("tickets-too-many", 409, "There are too many links", detail)


def precondition_failed() -> ServiceError:
    """The file is not the one that the request is for (If-Match)."""
    detail = "The file has another ETag than If-Match names. Begin the download anew."
    return ServiceError("precondition-failed", 412, "The file is another one", detail)


def bytes_missing() -> ServiceError:
    """The rendition is published, but its file is not on this server, or is not the published one."""
    detail = "The file is not on this server yet. Try again later."
    return ServiceError("bytes-missing", 503, "The file is not here", detail, retry_after=30)


def poster_unknown() -> ServiceError:
    """No published video of that id, or it has no poster."""
    return ServiceError("poster-unknown", 404, "There is no such poster", "Look the video up again.")
