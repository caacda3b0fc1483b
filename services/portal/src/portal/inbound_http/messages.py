"""What people are told, by the code of a problem. What a service writes in its problems is for programs."""

ANOTHER_REASON = "This was not accepted. Check what you entered and try again."

# Refusals of a form: the field and the words. No field: above the form.
FORM_MESSAGES = {
    "backend-away": ("", "The service does not answer just now. Nothing is lost: try again in a moment."),
    "busy": ("", "The service is very busy just now. Nothing is lost: try again in a moment."),
    "code-refused": (
        "code",
        "Check the code: it is wrong or has expired. If it does not work, have a new one sent.",
    ),
    "guess-budget-spent": ("", "Too many wrong codes were entered for this address."),
    "not-a-code": ("code", "Enter the eight digits from the e-mail."),
    "sign-in-refused": ("", "Check address and password, or set a new password."),
    "too-many-requests": ("", "That was asked for too often."),
}

# Reasons beside a field.
FIELD_MESSAGES = {
    "not-an-address": "Enter one e-mail address, like name@example.org.",
    "only-ascii": "Before the @ our mail server takes the letters a to z only.",
    "too-short": "Use at least 12 characters.",
    "too-long": "Use at most 128 characters.",
    "has-space": "Leave out spaces, tabs and line breaks.",
    "needs-upper": "Add a capital letter.",
    "needs-lower": "Add a small letter.",
    "needs-digit": "Add a digit.",
    "needs-symbol": "Add a symbol or punctuation mark, such as ! or -.",
}

# Refusals as pages: title and words.
_AGAIN = "It was recorded, and nothing is lost. Try again in a moment."
ANOTHER_PAGE = ("That is not possible here", "Go back and use the page's buttons.")
PAGE_MESSAGES = {
    "account-not-active": ("Your account cannot download", "It is closed or suspended."),
    "account-not-here-yet": (
        "Your account is almost ready",
        "Your address was confirmed a moment ago, and downloads do not know it yet. Nothing is lost.",
    ),
    "backend-away": (
        "Not available just now",
        "A service behind this page does not answer just now. Nothing is lost: try again in a moment.",
    ),
    "body-too-large": (
        "That was too much",
        "What you sent is larger than any form here needs. Go back and send less.",
    ),
    "bytes-missing": (
        "The file is not there yet",
        "It is published, and has not reached our servers. Open the video and press Download again later.",
    ),
    "form-refused": (
        "This form could not be accepted",
        (
            "For your safety, forms count only when they come from a page opened at {origin} in this "
            "browser, with cookies allowed, in the last 24 hours. Go back, reload the page and send the form "
            "again."
        ),
    ),
    "grant-unknown": (
        "This download link is not yours, or not known",
        "A download link works for the account that asked for it. Open the video and press Download again.",
    ),
    "internal": ("Something went wrong", _AGAIN),
    "page-unknown": (
        "There is no such page",
        "The address may be mistyped, or what was here has been withdrawn.",
    ),
    "rendition-unknown": (
        "There is no such file",
        "This file of the video is not offered any more. Go back, reload the page and choose another one.",
    ),
    "unavailable": ("Something went wrong", _AGAIN),
    "video-unknown": (
        "There is no such video",
        "It may have been withdrawn, or the address is mistyped. The list has all that can be taken.",
    ),
}
