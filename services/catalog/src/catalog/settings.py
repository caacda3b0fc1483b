"""Everything that can be set, as `NEWSREEL_CATALOG_<NAME>`."""

from pathlib import Path

from pydantic import Field

from newsreel_runtime.settings import Http, Kafka, Postgres, SettingsGroup, Telemetry, settings_config


class Settings(SettingsGroup):
    """The settings of the catalog service."""

    model_config = settings_config("NEWSREEL_CATALOG_")

    postgres: Postgres = Field(default_factory=Postgres)
    kafka: Kafka = Field(default_factory=Kafka)
    http: Http = Field(default_factory=Http)


class ImportSettings(SettingsGroup):
    """The settings of `newsreel catalog import`, which needs no bus: events leave by the outbox."""

    model_config = settings_config("NEWSREEL_CATALOG_")

    postgres: Postgres = Field(default_factory=Postgres)
    telemetry: Telemetry = Field(default_factory=Telemetry)
    media_root: Path = Field(description="Folder that imported renditions and posters are copied to.")


class SearchSettings(SettingsGroup):
    """The settings of `newsreel catalog search`."""

    model_config = settings_config("NEWSREEL_CATALOG_")

    postgres: Postgres = Field(default_factory=Postgres)


class TranscriptSettings(SettingsGroup):
    """The settings of `newsreel catalog transcript`."""

    model_config = settings_config("NEWSREEL_CATALOG_")

    postgres: Postgres = Field(default_factory=Postgres)
    telemetry: Telemetry = Field(default_factory=Telemetry)
