"""The portal's own refusals. What other services refuse travels as their problem said it."""

from newsreel_runtime.errors import ServiceError


def away(backend: str, retry_after: int | None = None) -> ServiceError:
    """A service behind the portal does not answer, or answers what cannot be understood."""
    return ServiceError(
        "backend-away",
        503,
        "Not available just now",
        f"The {backend} service does not answer just now. Nothing is lost: try again in a moment.",
        retry_after=retry_after if retry_after is not None else 5,
    )


def not_from_here(origin: str) -> ServiceError:
    """A form that did not come from a page of ours in this browser."""
    return ServiceError(
        "form-refused",
        403,
        "This form could not be accepted",
        f"For your safety, forms count only when they come from a page opened at {origin} in this browser, "
        "with cookies allowed, in the last 24 hours. Go back, reload the page and send the form again.",
    )


def no_such_page() -> ServiceError:
    """Nothing is shown at this address."""
    return ServiceError(
        "page-unknown",
        404,
        "There is no such page",
        "The address may be mistyped, or what was here has been withdrawn.",
    )
