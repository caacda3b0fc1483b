"""The groups of settings that services embed. Secrets come from the environment or from files.

Instead of `NEWSREEL_POSTGRES_PASSWORD` there may be a file, which `NEWSREEL_POSTGRES_PASSWORD_FILE` names, or
which is `newsreel_postgres_password` in the folder that `NEWSREEL_SECRETS_DIR` names, as Kubernetes mounts a
Secret. Such a file is read again when it changes: `secret_files.py`.
"""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.secret_files import SecretFiles, check_again


def _origin(value: str) -> str:
    scheme, separator, rest = value.partition("://")
    if scheme not in {"http", "https"} or not separator or not rest or "/" in rest:
        raise ValueError("an origin is http(s)://host[:port], without a path")
    return value


def _key_ring(text: SecretStr) -> SecretStr:
    KeyRing.parse(text.get_secret_value())
    return text


def networks(text: str) -> list[str]:
    """What a list of networks with commas names."""
    return [str(ip_network(part.strip())) for part in text.split(",") if part.strip()]


def _networks(text: str) -> str:
    networks(text)
    return text


Origin = Annotated[str, AfterValidator(_origin)]
KeyRingText = Annotated[SecretStr, AfterValidator(_key_ring)]  # `KeyRing` reads it


def settings_config(prefix: str) -> SettingsConfigDict:
    """The configuration of a group whose variables begin with `prefix`."""
    return SettingsConfigDict(
        env_prefix=prefix,
        frozen=True,
        extra="ignore",
        secrets_dir=os.environ.get("NEWSREEL_SECRETS_DIR"),
        hide_input_in_errors=True,
    )


def what_is_wrong(error: ValidationError) -> str:
    """Text for operators: each variable that is missing or wrong, and what is expected; no value."""
    found = "; ".join(f"{wrong['loc'][0]}: {wrong['msg']}" for wrong in error.errors(include_input=False))
    return f"the settings are not valid: {found}"


class SettingsGroup(BaseSettings):
    """What every group and every service's settings class derives from."""

    model_config = settings_config("NEWSREEL_")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Secrets from files come before variables, since those are the ones that are read again."""
        return init_settings, SecretFiles(settings_cls), env_settings, dotenv_settings, file_secret_settings

    @model_validator(mode="wrap")
    @classmethod
    def _check(cls, values: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Name the variables in what is wrong: pydantic names the fields, and `port` is in two groups."""
        try:
            settings = handler(values)
        except ValidationError as error:
            prefix = cls.model_config["env_prefix"]
            wrong: list[InitErrorDetails] = []
            for found in error.errors():
                name = ".".join(map(str, found["loc"]))
                variable = name if name.startswith("NEWSREEL_") else f"{prefix}{name}".upper()
                said = PydanticCustomError("setting", "{said}", {"said": found["msg"]})
                wrong.append({"type": said, "loc": (variable,), "input": None})
            raise ValidationError.from_exception_data(error.title, wrong, hide_input=True) from None
        check_again(settings)
        return settings


class Postgres(SettingsGroup):
    """The service's own database. What its sessions ask of PostgreSQL: docs/runbooks/consumers.md."""

    model_config = settings_config("NEWSREEL_POSTGRES_")

    host: str = Field(default="127.0.0.1", description="Host name or address.")
    port: int = Field(default=5432, ge=1, le=65535)
    database: str
    user: str
    password: SecretStr
    pool_size: int = Field(default=8, ge=2, le=100, description="Connections held at most.")


class Kafka(SettingsGroup):
    """The message bus. Without `user`: plaintext, for tests only."""

    model_config = settings_config("NEWSREEL_KAFKA_")

    bootstrap: str = Field(description="host:port[,host:port]")
    user: str | None = Field(default=None, description="SASL/SCRAM-SHA-512 user.")
    password: SecretStr | None = None
    tls: bool = Field(default=False, description="Encrypt the connection (SASL_SSL).")
    ca: Path | None = Field(
        default=None, description="PEM file of who signs the brokers' certificates; absent: the system's."
    )
    instance: str | None = Field(
        default=None,
        description="A name kept over restarts: a killed consumer is replaced at once.",
    )


class Bucket(SettingsGroup):
    """An S3 bucket for files. Without `name` they lie in a folder."""

    model_config = settings_config("NEWSREEL_BUCKET_")

    name: str | None = Field(default=None, pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    endpoint: Origin = Field(
        default="https://s3.us-east-1.amazonaws.com", description="Where the server of the bucket is."
    )
    region: str = Field(default="us-east-1", min_length=1)
    path_style: bool = Field(
        default=True, description="The bucket stands in the path, not in the name of the host."
    )
    access_key: str = Field(default="", description="Id of the access key; with `name` it is needed.")
    secret: SecretStr | None = Field(default=None, description="Its secret; with `name` it is needed.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.name is not None and not (self.access_key and self.secret):
            raise ValueError("NEWSREEL_BUCKET_NAME needs NEWSREEL_BUCKET_ACCESS_KEY and _SECRET")
        return self


class Http(SettingsGroup):
    """Where the process listens."""

    model_config = settings_config("NEWSREEL_HTTP_")

    host: str = "127.0.0.1"
    port: int = Field(ge=0, le=65535)
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        default="",
        description="Networks of edge and services, `10.0.0.0/8,fd00::/8`: their X-Forwarded-For counts.",
    )
    drain_seconds: float = Field(
        default=0,
        ge=0,
        le=300,
        description="After SIGTERM: not ready, but serving, until no load balancer sends requests any more.",
    )


class Telemetry(SettingsGroup):
    """Where spans and metrics go. Absent: spans are made, and not exported."""

    otlp_endpoint: str | None = Field(
        default=None, description="OTLP/HTTP base address; /v1/traces and /v1/metrics are added."
    )
    metrics: Literal["off", "otlp"] = Field(
        default="off", description="Where metrics go; `otlp`: to the address of the spans."
    )
