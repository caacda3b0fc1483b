"""The portal's own refusals. What other services refuse travels as their problem said it."""

from newsreel_runtime.errors import ServiceError

# 503s that say more than that a service is away.
LATER = {"bytes-missing", "busy"}


def away(backend: str, retry_after: int | None = None) -> ServiceError:
    """A service behind the portal does not answer, or answers what cannot be understood."""
    detail = f"The {backend} service does not answer just now. Nothing is lost: try again in a moment."
    wait = retry_after if retry_after is not None else 5
    return ServiceError("backend-away", 503, "Not available just now", detail, retry_after=wait)


def not_from_here() -> ServiceError:
    """A form that did not come from a page of ours in this browser."""
    detail = "Open the form's page in this browser and send it from there."
    return ServiceError("form-refused", 403, "This form could not be accepted", detail)


def sign_in_needed() -> ServiceError:
    """A ticket was followed by a program without a session and without an access token."""
    detail = "Send an access token (Authorization: Bearer), or open the address in a browser and sign in."
    return ServiceError("sign-in-needed", 401, "Sign in first", detail)


def no_code_expected() -> ServiceError:
    """This browser has no request for a code."""
    return ServiceError("challenge-unknown", 404, "No code is expected here", "Ask for a code first.")


def too_many_waiting() -> ServiceError:
    """More browsers are told of their mails as it happens than this process can serve."""
    detail = "Ask without Accept: text/event-stream, or later."
    return ServiceError("busy", 503, "Too many are waiting", detail, retry_after=30)


def no_such_page() -> ServiceError:
    return ServiceError("page-unknown", 404, "There is no such page", "The address may be mistyped.")
