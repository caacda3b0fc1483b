"""Everything that can be set, as `NEWSREEL_IDENTITY_<NAME>`; the code keys are shared with the notifier."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from identity.domain.access_token import TokenSigner
from identity.domain.password import Profile
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.settings import (
    Http,
    Kafka,
    KeyRingText,
    Origin,
    Postgres,
    SettingsGroup,
    settings_config,
)


def _signing_key(text: SecretStr) -> SecretStr:
    TokenSigner(text.get_secret_value, issuer="")
    return text


def _key_ring(text: SecretStr | None) -> SecretStr | None:
    if text is not None:
        KeyRing.parse(text.get_secret_value())
    return text


class Settings(SettingsGroup):
    """The settings of the identity service."""

    model_config = settings_config("NEWSREEL_IDENTITY_")

    postgres: Postgres = Field(default_factory=Postgres)
    kafka: Kafka = Field(default_factory=Kafka)
    http: Http = Field(default_factory=Http)
    code_keys: KeyRingText = Field(
        validation_alias="NEWSREEL_CODE_KEYS",
        description="k2:<64 hex>[,k1:<64 hex>]: the first makes new codes, each still checks its own.",
    )
    unsubscribe_keys: KeyRingText = Field(
        validation_alias="NEWSREEL_UNSUBSCRIBE_KEYS",
        description="As the code keys: for the links in newsletters. A withdrawn one ends the links it made.",
    )
    signing_key: Annotated[SecretStr, AfterValidator(_signing_key)] = Field(
        description="Private Ed25519 keys of access tokens, as JSON: a JWK, or a JWK Set, whose first signs."
    )
    issuer: Origin = Field(description="Identity's own public origin: `iss` of its tokens.")
    lookup_key: KeyRingText = Field(
        description="As the code keys: names the rate-limit buckets of addresses, makes session tokens."
    )
    pepper_keys: Annotated[SecretStr | None, AfterValidator(_key_ring)] = Field(
        default=None,
        description="As the code keys: new password hashes go through the first. Never go back to none.",
    )
    password_profile: Profile = Field(
        default="portal",
        description="portal: 12 characters of four kinds, no spaces. nist: 15 of any kind (SP 800-63B-4).",
    )
    smtputf8: bool = Field(
        default=True, description="False: the mail server takes ASCII addresses alone (no RFC 6531)."
    )
    hash_threads: int = Field(default=2, ge=1, le=32, description="Password hashes at once, 19 MiB each.")
    hash_waiting: int = Field(
        default=256, ge=1, le=10_000, description="Hashes that may wait for a thread; beyond that: 503."
    )
