"""What became of a mail, in words."""

from dataclasses import dataclass

from portal.domain.flow import Challenge
from portal.inbound_http import messages
from portal.inbound_http.formats import Formats
from portal.inbound_http.visit import Visit

_MAY_CHANGE_SOON = {"queued", "delayed"}
_FINAL = {"bounced", "earlier", "expired", "over"}
_NO_NEW_CODE = {"bounced", "over"}


@dataclass(frozen=True)
class Told:
    """`state` is identity's; of one that this release does not know it says that the mail is on its way.

    `resend_words` are empty when a new code may be asked for, or would be of no use. When it is final, only
    the person can do something.
    """

    state: str
    words: str
    resend_words: str
    resend_after_seconds: int
    code_expires_at: str
    may_change_soon: bool
    is_final: bool


async def tell(visit: Visit, challenge: Challenge) -> Told:
    """Raises `ServiceError`: 404 challenge-unknown, 503."""
    site, formats = visit.site, Formats(visit.language)
    progress = await site.identity.progress(challenge.challenge_id, visit.challenge_secret)
    seconds = 0 if progress.state in _NO_NEW_CODE else progress.resend_after_seconds
    left = max(1, round((progress.code_expires_at - site.clock()).total_seconds()))
    return Told(
        state=progress.state,
        words=messages.progress(progress.state, formats.wait(left)).in_language(visit.language),
        resend_words=messages.resend(formats.wait(seconds)).in_language(visit.language) if seconds else "",
        resend_after_seconds=seconds,
        code_expires_at=progress.code_expires_at.isoformat(),
        may_change_soon=progress.state in _MAY_CHANGE_SOON,
        is_final=progress.state in _FINAL,
    )
