"""Every refusal that services give has words of the portal's own."""

import inspect
from types import ModuleType
from typing import Any

import pytest

import delivery.errors
import identity.errors
from identity.domain import password
from newsreel_runtime.errors import FieldError, ServiceError
from portal.domain.languages import LANGUAGES
from portal.domain.password_rule import PasswordRule
from portal.inbound_http import messages

# Said by status: a session that is over signs in again; what is over or not ours has a page of its own.
ELSEWHERE = {"session-ended", "challenge-over", "challenge-unknown", "reset-refused", "unsubscribe-refused"}
CLIENTS = {*identity.errors.TOKEN_ERRORS, "x"}  # a program's, of the form of RFC 6749; no page asks for it
FILES = {
    "link-refused",
    "link-expired",
    "ticket-refused",
    "ticket-expired",
    "ticket-revoked",
    "precondition-failed",
    "range-unsatisfiable",
    "poster-unknown",
}  # delivery's own addresses


def problems(module: ModuleType) -> list[ServiceError]:
    """One of each refusal that a service makes."""
    made = []
    for _, make in inspect.getmembers(module, inspect.isfunction):
        if make.__module__ == module.__name__:
            needed = [
                parameter
                for parameter in inspect.signature(make).parameters.values()
                if parameter.default is parameter.empty
            ]
            made.append(make(*(_value(field.annotation) for field in needed)))
    return made


def _value(annotation: Any) -> Any:
    if annotation is int:
        return 1
    return "x" if annotation is str else FieldError("f", "c", "d") if annotation is FieldError else []


FORMS = (
    {error.code for error in problems(identity.errors)}
    - ELSEWHERE
    - CLIENTS
    - {"address-refused", "name-refused", "password-refused"}
)
FIELDS = set(password.DETAILS) | {
    entry.code for entry in vars(identity.errors).values() if isinstance(entry, FieldError)
}


@pytest.mark.parametrize("code", sorted(FORMS | FIELDS | {"backend-away"}))
def test_a_reason_has_words(code: str) -> None:
    rule = PasswordRule(12, 128, (), ())
    assert messages.reason(code, rule) != messages.reason("nothing of ours")
    for language in LANGUAGES:
        assert "{" not in messages.reason(code, rule).in_language(language)


@pytest.mark.parametrize(
    "code", sorted({error.code for error in problems(delivery.errors)} - ELSEWHERE - FILES)
)
def test_a_refusal_has_a_page(code: str) -> None:
    assert messages.page(code) != messages.page("nothing of ours")


def test_the_lists_are_not_empty() -> None:
    assert len(FORMS) > 4
    assert len(FIELDS) > 7
