"""Everything that can be set, as `NEWSREEL_CATALOG_<NAME>`."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from newsreel_runtime.settings import (
    Bucket,
    Http,
    Kafka,
    Origin,
    Postgres,
    SettingsGroup,
    Telemetry,
    settings_config,
)


class Settings(SettingsGroup):
    """The settings of the catalog service."""

    model_config = settings_config("NEWSREEL_CATALOG_")

    postgres: Postgres = Field(default_factory=Postgres)
    kafka: Kafka = Field(default_factory=Kafka)
    http: Http = Field(default_factory=Http)
    identity_origin: Origin | None = Field(
        default=None, description="Issuer of editors' access tokens; absent: there are no editors' routes."
    )


class MediaSettings(SettingsGroup):
    """The settings of `newsreel catalog import`, which needs no bus: events leave by the outbox."""

    model_config = settings_config("NEWSREEL_CATALOG_")

    postgres: Postgres = Field(default_factory=Postgres)
    telemetry: Telemetry = Field(default_factory=Telemetry)
    bucket: Bucket = Field(default_factory=Bucket)
    media_root: Path | None = Field(
        default=None, description="Folder that renditions and posters are copied to; with a bucket, none."
    )

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if self.media_root is None and self.bucket.name is None:
            raise ValueError("NEWSREEL_CATALOG_MEDIA_ROOT or NEWSREEL_BUCKET_NAME says where the files go")
        return self


class SearchSettings(SettingsGroup):
    """The settings of `newsreel catalog search`."""

    model_config = settings_config("NEWSREEL_CATALOG_")

    postgres: Postgres = Field(default_factory=Postgres)


class TranscriptSettings(SettingsGroup):
    """The settings of `newsreel catalog transcript`."""

    model_config = settings_config("NEWSREEL_CATALOG_")

    postgres: Postgres = Field(default_factory=Postgres)
    telemetry: Telemetry = Field(default_factory=Telemetry)
