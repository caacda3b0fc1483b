"""Everything that can be set, as `NEWSREEL_DELIVERY_<NAME>`."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from delivery.domain.bearer_ticket import LONGEST_SECONDS as LONGEST_TICKET_SECONDS
from delivery.domain.bearer_ticket import SHORTEST_SECONDS
from delivery.domain.signed_url import LONGEST_SECONDS
from newsreel_runtime.settings import (
    Bucket,
    Http,
    Kafka,
    KeyRingText,
    Origin,
    Postgres,
    SettingsGroup,
    settings_config,
)


class Settings(SettingsGroup):
    """The settings of the delivery service."""

    model_config = settings_config("NEWSREEL_DELIVERY_")

    postgres: Postgres = Field(default_factory=Postgres)
    kafka: Kafka = Field(default_factory=Kafka)
    http: Http = Field(default_factory=Http)
    public_origin: Origin = Field(
        description="Where the bytes are served; its host is signed into every URL, and verified."
    )
    ticket_origin: Origin = Field(description="The portal, whose /download/<grant> is the ticket.")
    identity_origin: Origin = Field(description="Issuer of access tokens; its JWKS is fetched from there.")
    url_keys: KeyRingText = Field(
        description="k2:<64 hex>[,k1:<64 hex>]: the first signs, each verifies. Shared with the edge."
    )
    url_seconds: int = Field(
        default=3600, ge=1, le=LONGEST_SECONDS, description="How long a signed URL lives, in seconds."
    )
    url_place: Literal["edge", "s3"] = Field(
        default="edge",
        description="Where a signed URL leads programs: to the edge, or past it to the bucket.",
    )
    ticket_seconds: int = Field(
        default=7 * 24 * 60 * 60,
        ge=SHORTEST_SECONDS,
        le=LONGEST_TICKET_SECONDS,
        description="How long a bearer ticket lives at most, and unless it is asked for less, in seconds.",
    )
    bucket: Bucket = Field(default_factory=Bucket)
    media_root: Path | None = Field(
        default=None,
        description="Folder of the files, to say of one that is missing that it is. Not with a bucket.",
    )

    @model_validator(mode="after")
    def _bucket_to_lead_to(self) -> Self:
        if self.url_place == "s3" and self.bucket.name is None:
            raise ValueError("NEWSREEL_DELIVERY_URL_PLACE=s3 needs NEWSREEL_BUCKET_NAME")
        return self
