"""The bodies of requests and responses."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from identity.domain.account import Language
from identity.domain.client import SCOPES
from identity.domain.code import MAX_TYPED, Purpose
from identity.domain.session import Session

AddressText = Annotated[str, Field(min_length=1, max_length=320, description="One mail address.")]


def _is_text(secret: SecretStr) -> SecretStr:
    """A lone surrogate, which JSON can hold, is no text and cannot be hashed (RFC 8259 §8.2)."""
    try:
        secret.get_secret_value().encode()
    except UnicodeEncodeError:
        raise ValueError("not valid Unicode text") from None
    return secret


PasswordText = Annotated[SecretStr, Field(max_length=1024), AfterValidator(_is_text)]
BrowserName = Annotated[str | None, Field(max_length=64, examples=["Firefox, Linux"])]
Secret = Annotated[str, Field(min_length=1, max_length=128, pattern="^[A-Za-z0-9_-]+$")]


class Request(BaseModel):
    """A request body: an unknown field is refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


BrowserSecret = Annotated[
    Secret,
    Field(
        min_length=22,
        description="At least 128 random bits that the browser keeps. Asking again with it goes on with the "
        "open challenge of the address: every unexpired code works. Without it a new one begins.",
    ),
]


class RegistrationRequest(Request):
    """An address, and the password that takes effect once the address is proven."""

    address: AddressText
    password: PasswordText
    locale: Language = "en"
    challenge_secret: BrowserSecret | None = None


class ResetRequest(Request):
    """The address whose password was forgotten."""

    address: AddressText
    locale: Language = "en"
    challenge_secret: BrowserSecret | None = None


class NewCodeRequest(Request):
    """Proof that this browser began the challenge."""

    challenge_secret: Secret


class VerificationRequest(Request):
    """The code as typed or pasted: any marks and words around it and any script's digits are fine."""

    challenge_secret: Secret
    code: Annotated[str, Field(min_length=1, max_length=MAX_TYPED)]


class NewPasswordRequest(Request):
    """The new password, under the token of the proven reset."""

    reset_token: Secret
    password: PasswordText


class SessionRequest(Request):
    """Address and password; how the person will know the browser in the list of the sessions."""

    address: AddressText
    password: PasswordText
    browser: BrowserName = None


class Answer(BaseModel):
    """The body of an answer, made from what a use case returns."""

    model_config = ConfigDict(from_attributes=True)


class NewCodeRequested(Answer):
    """A mail is on its way; the code lives longer once the mail server took it late."""

    resend_after_seconds: int = Field(ge=0, description="When a new code may be asked for.")
    code_expires_at: datetime


class ChallengeProgress(Answer):
    """The same for every address, whether it has an account or not."""

    state: Annotated[
        str,
        Field(
            description="Of the newest mail: `queued`, `delayed` (the mail server does not take it yet), "
            "`accepted` (it did), `bounced` (it never will), `earlier` (none was sent: the code in the last "
            "mail of the address works here). Of the request: `expired` (no code lives), `over` (no code of "
            "it can work). Others may come."
        ),
    ]
    code_expires_at: datetime
    resend_after_seconds: int = Field(ge=0, description="When a new code may be asked for; 0: now.")


class CodeRequested(NewCodeRequested):
    """The same for every address. Keep the secret in the browser that asked."""

    challenge_id: UUID
    challenge_secret: str


class Verified(Answer):
    """The address is proven; nobody is signed in. A reset goes on with its token, once."""

    purpose: Purpose
    reset_token: str | None = None
    reset_expires_at: datetime | None = None


class SessionStarted(BaseModel):
    """An opaque session; exchange it for access tokens. It ends after 12 hours without, or 30 days."""

    session: str
    expires_at: datetime
    known_browser: str = Field(
        description="Keep it in the browser, also signed out: it gives no access, but tries of its own."
    )


class AccountOfToken(Answer):
    """Whose token it is."""

    account_id: UUID
    address: str = Field(description="As people write it: a domain in letters, not `xn--…`.")
    newsletter: bool
    language: str = Field(validation_alias="locale", description="Of mails.")
    name: str | None = Field(default=None, description="How the person wants to be called.")


class TokenIssued(BaseModel):
    """RFC 6749 §5.1, and the account."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 (RFC 6750's name)
    expires_in: int = Field(description="Seconds.")
    account: AccountOfToken
    session: str | None = Field(
        default=None,
        description="Stands for the session from now on. The one that was sent works on until this is used.",
    )
    session_expires_at: datetime = Field(description="Unless it is used again.")


class ClientTokenRequest(BaseModel):
    """RFC 6749 §4.4.2, as a form. Id and secret may come by HTTP Basic instead."""

    grant_type: Literal["client_credentials"]
    scope: str | None = Field(default=None, description="Space-delimited; absent: every scope of the client.")
    client_id: str | None = None
    client_secret: str | None = None


class ClientTokenIssued(BaseModel):
    """RFC 6749 §5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 (RFC 6750's name)
    expires_in: int = Field(description="Seconds.")
    scope: str


class ClientTokenRefused(BaseModel):
    """RFC 6749 §5.2."""

    error: str
    error_description: str


class NewsletterRequest(Request):
    """What the person agreed to: the version of the words at the button."""

    wording: Annotated[str, Field(min_length=1, max_length=64, pattern="^[a-z0-9.-]+$")]


class UnsubscribeRequest(Request):
    """The token of a newsletter's link."""

    token: Annotated[str, Field(min_length=1, max_length=128)]


class Newsletter(BaseModel):
    """Whether the account gets the newsletter."""

    newsletter: bool


class NameChange(Request):
    """How the person wants to be called; an empty one takes it away."""

    name: Annotated[str, Field(max_length=400)]


class LanguageChange(Request):
    """The language of mails."""

    language: Language


class PasswordChange(Request):
    """The account's own password, and the one that it is to have."""

    password: PasswordText
    new_password: PasswordText
    browser: BrowserName = None


class AddressRequest(Request):
    """The account's own password, and the address that it is to have."""

    password: PasswordText
    address: AddressText
    challenge_secret: BrowserSecret | None = None


class AddressVerification(VerificationRequest):
    """The code that went to the new address."""

    browser: BrowserName = None


class DeletionRequest(Request):
    """The account's own password: a session that was left open cannot close it."""

    password: PasswordText


class SessionExport(BaseModel):
    """A session of the account; nothing is kept of where it is. `used_at` is exact to ten minutes."""

    began_at: datetime
    used_at: datetime
    expires_at: datetime
    browser: str | None

    @classmethod
    def of(cls, session: Session, **more: Any) -> Self:
        """What the person sees of it."""
        used_at = session.used_at or session.created_at
        return cls(
            began_at=session.created_at,
            used_at=used_at,
            expires_at=session.expires_at,
            browser=session.browser,
            **more,
        )


class SessionShown(SessionExport):
    """`current`: the caller's own."""

    session_id: UUID
    current: bool


class SessionList(BaseModel):
    """Where the account is signed in."""

    sessions: list[SessionShown]


class ConsentExport(Answer):
    """When the newsletter was joined or left, how, and to which words."""

    at: datetime
    subscribed: bool
    how: str
    wording: str | None


class ActExport(Answer):
    """What an operator did to the account, and why; not who it was."""

    at: datetime
    done: str
    reason: str


class FormerAddressExport(Answer):
    """Where the account was reached before, kept for 30 days."""

    address: str
    until: datetime


class AccountExport(Answer):
    """All that identity keeps of the person but the hash of the password."""

    account_id: UUID
    address: str
    name: str | None
    language: str
    status: str
    roles: list[str]
    newsletter: bool
    registered_at: datetime
    verified_at: datetime | None
    sessions: list[SessionExport]
    newsletter_consents: list[ConsentExport]
    acts_of_operators: list[ActExport]
    former_addresses: list[FormerAddressExport]


class PasswordPolicy(Answer):
    """The policy that is applied to new passwords. More names may come in later versions of it."""

    profile: str = Field(description="portal, or nist: SP 800-63B-4.")
    min_length: int
    max_length: int
    length_unit: Literal["code points after NFC"] = "code points after NFC"
    requires: list[str] = Field(description="Kinds of characters: upper, lower, digit, symbol.")
    refuses: list[str] = Field(
        description="What must not be in it (space), or be all of it: common, own-address."
    )


class JsonWebKey(BaseModel):
    """A public key (RFC 7517, RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    use: str
    alg: str


class JsonWebKeySet(BaseModel):
    """RFC 7517 §5."""

    keys: list[JsonWebKey]


class ProviderMetadata(BaseModel):
    """What verifiers of our tokens need of OpenID Connect Discovery 1.0 §3."""

    issuer: str
    jwks_uri: str
    token_endpoint: str = Field(description="For programs: the client credentials grant.")
    grant_types_supported: tuple[str, ...] = ("client_credentials",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
    scopes_supported: tuple[str, ...] = SCOPES
    subject_types_supported: tuple[str, ...] = ("public",)
    id_token_signing_alg_values_supported: tuple[str, ...]
    claims_supported: tuple[str, ...] = (
        *("iss", "sub", "aud", "iat", "exp", "sid", "auth_time", "roles"),
        *("client_id", "scope", "jti"),
    )
