"""The bodies of the HTTP API."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from delivery.usecases.open_grant import Opened


class GrantRequest(BaseModel):
    """Which rendition of which video."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    video_id: UUID
    rendition_id: UUID


class RenditionBody(BaseModel):
    """The file that a ticket leads to."""

    model_config = ConfigDict(from_attributes=True)

    file: str = Field(description="The name it is saved under.")
    size_bytes: int
    sha256: str = Field(description="Of the whole file, hexadecimal.")
    media_type: str


class GrantBody(BaseModel):
    """A grant. The ticket does not expire; the links that it answers with do."""

    grant_id: UUID
    ticket: str = Field(description="The stable URL of the download; needs a signed-in session.")
    rendition: RenditionBody

    @classmethod
    def of(cls, opened: Opened, ticket: str) -> "GrantBody":
        rendition = RenditionBody.model_validate(opened.rendition)
        return cls(grant_id=opened.grant.grant_id, ticket=ticket, rendition=rendition)
