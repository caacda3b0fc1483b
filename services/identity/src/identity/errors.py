"""What identity refuses, and what the person or program can do about it."""

from collections.abc import Sequence

from newsreel_runtime.errors import FieldError, ServiceError

NO_ADDRESS = FieldError("address", "not-an-address", "Give one plain mail address, like name@example.org.")
SAME_ADDRESS = FieldError("address", "same-address", "Give another address than the account has already.")
NO_NAME = FieldError(
    "name", "not-a-name", "Give a name of at most 100 letters and marks that can be seen, or none."
)
ONLY_ASCII = FieldError("address", "only-ascii", "Our mail server takes no letters but a to z before the @.")


def address_refused(others: Sequence[FieldError] = (), reason: FieldError = NO_ADDRESS) -> ServiceError:
    """Not one plain, deliverable mail address. `others`: what is wrong with the other fields."""
    fields = [reason, *others]
    return ServiceError("address-refused", 422, "The address was refused", reason.detail, fields=fields)


def name_refused() -> ServiceError:
    """Not a name that a page can show."""
    return ServiceError("name-refused", 422, "The name was refused", NO_NAME.detail, fields=[NO_NAME])


def password_refused(fields: Sequence[FieldError]) -> ServiceError:
    """The password breaks these clauses of the policy: all of them."""
    detail = "Choose a password that meets every rule."
    return ServiceError("password-refused", 422, "The password was refused", detail, fields=fields)


def not_a_code() -> ServiceError:
    """What was typed is no code of either form; nothing was counted."""
    detail = "Enter the code from the mail: eight digits, or 26 letters and digits."
    return ServiceError("not-a-code", 422, "That is not a code", detail)


def code_refused() -> ServiceError:
    """Wrong, expired, or from another browser: one answer for all."""
    return ServiceError("code-refused", 422, "The code was refused", "Check the code, or ask for a new one.")


def guess_budget_spent() -> ServiceError:
    """Too many wrong codes for this address: for a day only long codes are mailed and taken."""
    detail = "Too many wrong codes. Ask for a new one: it is long, and works at once."
    return ServiceError("guess-budget-spent", 429, "No guesses are left", detail)


def challenge_over() -> ServiceError:
    """No code of this browser's request works any more: it was proven, closed, or guessed at too often."""
    detail = "No code of this request works any more. Begin again."
    return ServiceError("challenge-over", 410, "This request is over", detail)


def challenge_unknown() -> ServiceError:
    """This browser has no such challenge, or it expired and was purged."""
    return ServiceError("challenge-unknown", 404, "There is no such request", "Begin again.")


def too_many_requests(retry_after: int) -> ServiceError:
    """A limit of the address was reached; the same for known and unknown ones."""
    detail = "Try again after the stated time."
    return ServiceError("too-many-requests", 429, "Too many requests", detail, retry_after=retry_after)


def reset_refused() -> ServiceError:
    """The reset token is wrong, used or too old."""
    detail = "Ask for a new code to reset the password."
    return ServiceError("reset-refused", 422, "The reset is not open", detail)


def sign_in_refused() -> ServiceError:
    """Unknown address, wrong password, not verified or suspended: one answer for all."""
    detail = "Check address and password, or reset the password."
    return ServiceError("sign-in-refused", 401, "Signing in was refused", detail)


def unsubscribe_refused() -> ServiceError:
    """No key of ours made the token of that link."""
    detail = "Use the whole link of the newsletter, or the button on the page."
    return ServiceError("unsubscribe-refused", 422, "The link is not valid", detail)


def password_wrong() -> ServiceError:
    """The account's own password is asked for, and another one was given."""
    wrong = FieldError("password", "password-wrong", "Enter the password of this account.")
    return ServiceError("password-refused", 422, "The password was refused", wrong.detail, fields=[wrong])


def session_ended() -> ServiceError:
    """The session has expired, was ended, or never existed."""
    return ServiceError("session-ended", 401, "The session has ended", "Sign in again.")


# RFC 6749 §5.2
TOKEN_ERRORS = ("invalid_request", "invalid_client", "invalid_scope", "unsupported_grant_type")


def token_request_refused(error: str, detail: str) -> ServiceError:
    """A token was asked for in a way that RFC 6749 does not know; `error` is of its §5.2."""
    return ServiceError(error, 400, "The token request was refused", detail)


def client_refused() -> ServiceError:
    """Unknown client, wrong secret, one that has ended, or none: one answer for all (RFC 6749 §5.2)."""
    detail = "Check the client's id and secret; an operator makes new ones."
    challenge = 'Basic realm="newsreel", charset="UTF-8"'
    return ServiceError("invalid_client", 401, "The client was refused", detail, challenge=challenge)


def scope_refused() -> ServiceError:
    """The client has not all of the scopes that it asks for."""
    return token_request_refused("invalid_scope", "Ask for scopes that the client has, or for none.")


def busy() -> ServiceError:
    """More password hashes wait than can be made in good time."""
    return ServiceError("busy", 503, "Too busy just now", "Try again in a few seconds.", retry_after=3)
