"""What people are told, by the stable code of a problem. What a service writes in it is for programs."""

from typing import NamedTuple

from portal.domain.password_rule import PasswordRule
from portal.inbound_http.translations import Said, Translatable, translatable

_ANOTHER = translatable("This was not accepted. Check what you entered and try again.")
_FORM = {
    "backend-away": translatable(
        "The service is not answering at the moment. Nothing is lost: try again shortly."
    ),
    "busy": translatable("The service is very busy at the moment. Nothing is lost: try again shortly."),
    "code-refused": translatable("The code is wrong or has expired. Check it, or ask for a new one."),
    "guess-budget-spent": translatable(
        "Too many wrong codes were entered for this address. Ask for a new code: it is longer,"
        " and works at once."
    ),
    "not-a-code": translatable("Enter the code from the e-mail: 8 digits, or 26 letters and digits."),
    "sign-in-refused": translatable(
        "The e-mail address or the password is wrong. Check them, or reset your password."
    ),
    "too-many-requests": translatable("You have tried this too often, or too soon after the last time."),
    "has-space": translatable("Remove spaces, tabs and line breaks."),
    "password-wrong": translatable("This is not the password of your account."),
    "needs-digit": translatable("Add a number."),
    "needs-lower": translatable("Add a small letter."),
    "needs-symbol": translatable("Add a symbol or punctuation mark, such as ! or -."),
    "needs-upper": translatable("Add a capital letter."),
    "not-a-name": translatable("Enter a name of at most 100 visible characters, or leave it empty."),
    "not-an-address": translatable("Enter one e-mail address, like name@example.org."),
    "only-ascii": translatable("Before the @, use the letters a to z, numbers and punctuation marks only."),
    "same-address": translatable("Your account already has this address."),
    "too-common": translatable("Add something that is not a common word, a row of keys or your address."),
    "too-long": translatable("Use at most {max_length} characters."),
    "too-short": translatable("Use at least {min_length} characters."),
}


class Page(NamedTuple):
    """A refusal as a page."""

    title: Translatable
    words: Translatable


_LATER = Page(
    translatable("Something went wrong"),
    translatable("We have recorded the problem, and nothing is lost. Try again shortly."),
)
_NO_SUCH_CHOICE = Page(
    translatable("You cannot do that here"), translatable("Go back and use the buttons on the page.")
)
_PAGES = {
    "account-not-active": Page(
        translatable("Your account cannot download"), translatable("It has been closed or suspended.")
    ),
    "backend-away": Page(
        translatable("Not available at the moment"),
        translatable("A service behind this page is not answering. Nothing is lost: try again shortly."),
    ),
    "body-too-large": Page(
        translatable("You sent too much"),
        translatable("What you sent is larger than any form here allows. Go back and send less."),
    ),
    "bytes-missing": Page(
        translatable("The file is not here yet"),
        translatable(
            "It is published, but has not reached our servers. Open the video later and press Download again."
        ),
    ),
    "form-refused": Page(
        translatable("The form could not be accepted"),
        translatable(
            "To protect you, we accept a form only from a page that was opened at {origin} in this browser,"
            " with cookies allowed, in the last 24 hours. Go back, reload the page and send the form again."
        ),
    ),
    "grant-revoked": Page(
        translatable("This download link was revoked"),
        translatable("It no longer works for anybody. Open the video and press Download to get a new one."),
    ),
    "grant-unknown": Page(
        translatable("This download link is not yours, or does not exist"),
        translatable(
            "A download link works only for the account that asked for it. Open the video and press Download."
        ),
    ),
    "internal": _LATER,
    "page-unknown": Page(
        translatable("Page not found"),
        translatable("The address may be mistyped, or the page may have been withdrawn."),
    ),
    "rendition-unknown": Page(
        translatable("File not found"),
        translatable(
            "This file of the video is no longer offered. Go back, reload the page and choose another."
        ),
    ),
    "ticket-unknown": Page(
        translatable("There is no such link"),
        translatable("It may have expired. The links that work are listed under Your downloads."),
    ),
    "tickets-too-many": Page(
        translatable("There are too many links to this file"),
        translatable(
            "A file can have only a few links for programs. Revoke one of them under Your downloads,"
            " then make a new one."
        ),
    ),
    "transcript-unknown": Page(
        translatable("Transcript not found"),
        translatable("The page of the video shows in which languages there is a transcript."),
    ),
    "unavailable": _LATER,
    "video-unknown": Page(
        translatable("Video not found"),
        translatable("It may have been withdrawn, or the address may be mistyped. The list has all videos."),
    ),
    "video-withdrawn": Page(
        translatable("The video was withdrawn"),
        translatable("The press office has taken it back for good. Please do not use copies of it."),
    ),
    "video-withheld": Page(
        translatable("The video is being withheld"),
        translatable(
            "The press office is withholding it for now. The same link works again when it is released."
        ),
    ),
}
_PROGRESS = {
    "queued": translatable("The e-mail is on its way."),
    "accepted": translatable(
        "The e-mail has been handed to your mail server. The code works for another {left}."
    ),
    "delayed": translatable(
        "Your mail server is not taking the e-mail yet. We keep trying: you need not do anything."
    ),
    "bounced": translatable(
        "The e-mail cannot be delivered: the address may be mistyped, or its mailbox is closed or full."
    ),
    "earlier": translatable(
        "Too many codes were asked for with this address, so we sent no new e-mail."
        " Use the long code in the newest one."
    ),
    "expired": translatable("The code has expired. Ask for a new one."),
    "over": translatable("These codes no longer work: one was used, or a wrong one was entered too often."),
}
_RESEND = translatable("You can ask for a new code in {wait}.")


def reason(code: str, rule: PasswordRule | None = None) -> Said:
    """Why a form was refused; what is said of a length needs the `rule`."""
    text = _FORM.get(code, _ANOTHER)
    values = {} if rule is None else vars(rule)
    return Said(_ANOTHER if "{" in text and rule is None else text, values)


def progress(state: str, left: str) -> Said:
    """What became of the mail; of a state that is not known yet, that the mail is on its way."""
    return Said(_PROGRESS.get(state, _PROGRESS["queued"]), {"left": left})


def resend(wait: str) -> Said:
    return Said(_RESEND, {"wait": wait})


def page(code: str) -> Page:
    return _PAGES.get(code, _NO_SUCH_CHOICE)
