"""Forms: what may be sent, what was sent, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from newsreel_runtime.errors import FieldError, ServiceError
from portal.domain.password_rule import PasswordRule
from portal.inbound_http import messages
from portal.inbound_http.translations import Said, Translatable, translatable

TOKEN_FIELD = "form_token"  # noqa: S105 (the field's name)
CHALLENGE_FIELD = "challenge"
_FIELD_OF = {"code-refused": "code", "not-a-code": "code", "guess-budget-spent": "code"}
_MEDIA_TYPE = "application/x-www-form-urlencoded"
_LOST = "\N{REPLACEMENT CHARACTER}"
Sent = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Field:
    """One input. `longest` counts characters; a secret is never written back into the page.

    `missing` is what is said when nothing was entered; None where that is an answer, too.
    """

    name: str
    label: Translatable
    longest: int
    missing: Translatable | None
    secret: bool = False


ADDRESS = Field("address", translatable("E-mail address"), 320, translatable("Enter your e-mail address."))
PASSWORD = Field("password", translatable("Password"), 1024, translatable("Enter a password."), secret=True)
NEW_PASSWORD = Field(
    "new_password", translatable("New password"), 1024, translatable("Enter a new password."), secret=True
)
NAME = Field("name", translatable("Name"), 100, None)  # none takes it away
NO_LANGUAGE = translatable("Choose one of the languages.")
LANGUAGE = Field("language", translatable("Language"), 8, NO_LANGUAGE)
CODE = Field("code", translatable("Code"), 64, translatable("Enter the code from the e-mail."), secret=True)


@dataclass(frozen=True)
class Form:
    """`errors` holds the reasons by field name, those of the whole form under the empty name."""

    fields: tuple[Field, ...]
    values: Mapping[str, str] = field(repr=False)
    errors: Mapping[str, tuple[Said, ...]]

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def shown(self, name: str) -> str:
        """What the page writes back: nothing for a secret, nothing that a page cannot hold."""
        secret = any(known.secret for known in self.fields if known.name == name)
        value = "" if secret else self.values.get(name, "")
        return "".join(character for character in value if character.isprintable() and character != _LOST)


def empty(*fields: Field, **values: str) -> Form:
    return Form(fields, values, {})


def sent_fields(content_type: str, body: bytes) -> Sent:
    """The fields of an HTML form's body; none when it is no such body. Broken UTF-8 becomes U+FFFD."""
    if content_type.partition(";")[0].strip().lower() != _MEDIA_TYPE:
        return {}
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
    except ValueError:  # more fields than any form of ours has
        return {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def read(sent: Sent, *fields: Field) -> Form:
    """The form as sent, with what is wrong with each field before anybody else is asked."""
    values = {known.name: (sent.get(known.name) or [""])[0] for known in fields}
    errors = {known.name: _wrong(known, sent.get(known.name) or [""]) for known in fields}
    return Form(fields, values, {name: (reason,) for name, reason in errors.items() if reason})


def _wrong(known: Field, values: Sequence[str]) -> Said | None:
    value, label = values[0], Said(known.label)
    if len(values) > 1:
        return Said(translatable("{label} was sent more than once. Enter it once."), {"label": label})
    if not value:
        return Said(known.missing) if known.missing else None
    if len(value) > known.longest:
        text = translatable("{label} is too long: use at most {longest} characters.")
        return Said(text, {"label": label, "longest": known.longest})
    if _LOST in value or "\0" in value:
        return Said(
            translatable("{label} has characters that cannot be read. Type it again."), {"label": label}
        )
    return None


def refused(form: Form, error: ServiceError, rule: PasswordRule | None = None) -> Form:
    """The form with our words for the reasons; those for no field of this form stand above it.

    `rule`: where a password is chosen.
    """
    names = {shown.name for shown in form.fields}
    errors: dict[str, tuple[Said, ...]] = {}
    for reason in error.fields or [FieldError(_FIELD_OF.get(error.code, ""), error.code, "")]:
        name = reason.field if reason.field in names else ""
        errors[name] = (*errors.get(name, ()), messages.reason(reason.code, rule))
    return Form(form.fields, form.values, errors)


def described(*fields: Field, may_have: str | None = None) -> dict[str, Any]:
    names = [TOKEN_FIELD, *(known.name for known in fields)]
    longest = {known.name: known.longest for known in fields}
    every = [*names, may_have] if may_have else names
    properties = {name: {"type": "string", "maxLength": longest.get(name, 200)} for name in every}
    schema = {"type": "object", "required": names, "properties": properties}
    return {"requestBody": {"required": True, "content": {_MEDIA_TYPE: {"schema": schema}}}}
