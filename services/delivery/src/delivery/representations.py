"""The bodies of the HTTP API."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from delivery.domain.bearer_ticket import LONGEST_SECONDS, SHORTEST_SECONDS, BearerTicket
from delivery.domain.download import Download
from delivery.domain.grant import Rendition
from delivery.usecases.list_downloads import Page
from delivery.usecases.make_bearer_ticket import Made
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
    etag: str = Field(description="The strong entity tag of every answer with it, quotes included.")


class LinkBody(BaseModel):
    """The answer to a ticket for a program that asks for `application/json`: where the bytes are."""

    url: str = Field(description="A signed URL; needs no session, and GET alone counts on it.")
    expires_at: datetime = Field(description="From then on the URL gives nothing; follow the ticket again.")
    rendition: RenditionBody

    @classmethod
    def of(cls, url: str, expires_at: datetime, rendition: Rendition) -> "LinkBody":
        return cls(url=url, expires_at=expires_at, rendition=RenditionBody.model_validate(rendition))


class TicketRequest(BaseModel):
    """What kind of bearer ticket is wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: int | None = Field(
        default=None,
        ge=SHORTEST_SECONDS,
        le=LONGEST_SECONDS,
        description="How long it is to live; as long as this office allows unless given, and never longer.",
    )


class NewTicketBody(BaseModel):
    """A bearer ticket. Its URL is shown this once."""

    ticket_id: UUID
    url: str = Field(description="Gives the file to whoever has it, in ranges too, without a session.")
    expires_at: datetime
    rendition: RenditionBody

    @classmethod
    def of(cls, made: Made, url: str) -> "NewTicketBody":
        rendition = RenditionBody.model_validate(made.rendition)
        ticket = made.ticket
        return cls(ticket_id=ticket.ticket_id, url=url, expires_at=ticket.expires_at, rendition=rendition)


class BearerTicketBody(BaseModel):
    """A bearer ticket that lives, without what it is worth."""

    model_config = ConfigDict(from_attributes=True)

    ticket_id: UUID
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = Field(description="When it last gave the file, to the minute; null: never.")


class GrantBody(BaseModel):
    """A grant. The ticket does not expire; the links that it answers with do."""

    grant_id: UUID
    ticket: str = Field(description="The stable URL of the download; needs a signed-in session.")
    rendition: RenditionBody

    @classmethod
    def of(cls, opened: Opened, ticket: str) -> "GrantBody":
        rendition = RenditionBody.model_validate(opened.rendition)
        return cls(grant_id=opened.grant.grant_id, ticket=ticket, rendition=rendition)


class DownloadBody(BaseModel):
    """A grant as its account is shown it."""

    grant_id: UUID
    ticket: str = Field(description="The stable URL of the download; 410 when it is revoked.")
    state: str = Field(
        description="`live`: the ticket gives the file. `revoked`: a new grant gives it. `replaced`: the "
        "video has other files now. `withheld`: the video is stopped for now. "
        "`withdrawn`: nothing of it is given out. Others may come."
    )
    video_id: UUID
    titles: dict[str, str] = Field(description="By language; empty when the catalogue erased the video.")
    video_version: int | None = Field(
        description="Which version was the newest when the ticket was last followed, or else granted."
    )
    newest_version: int | None = Field(description="Which version is the newest now; null when it is erased.")
    rendition: RenditionBody | None = Field(description="null when the catalogue erased it.")
    granted_at: datetime
    redeemed_at: datetime | None = Field(
        description="When the ticket was last followed, exact to the life of a signed URL; null: never."
    )
    revoked_at: datetime | None
    bearer_tickets: tuple[BearerTicketBody, ...] = Field(description="Those that live, oldest first.")

    @classmethod
    def of(cls, download: Download, ticket: str, tickets: Iterable[BearerTicket]) -> "DownloadBody":
        file = download.rendition
        return cls(
            grant_id=download.grant_id,
            ticket=ticket,
            state=download.state,
            video_id=download.video_id,
            titles=dict(download.titles),
            video_version=download.video_version,
            newest_version=download.newest_version,
            rendition=None if file is None else RenditionBody.model_validate(file),
            granted_at=download.granted_at,
            redeemed_at=download.redeemed_at,
            revoked_at=download.revoked_at,
            bearer_tickets=tuple(map(BearerTicketBody.model_validate, tickets)),
        )


class DownloadsBody(BaseModel):
    """One page of the downloads, newest first."""

    items: tuple[DownloadBody, ...]
    next_cursor: UUID | None = Field(description="Leads to the older downloads. null at the end.")

    @classmethod
    def of(cls, page: Page, ticket_url: Callable[[UUID], str]) -> "DownloadsBody":
        items = (
            DownloadBody.of(
                download, ticket_url(download.grant_id), page.bearer_tickets.get(download.grant_id, ())
            )
            for download in page.downloads
        )
        return cls(items=tuple(items), next_cursor=page.next)
