"""What the routes work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeAlias

from fastapi import Depends

from delivery.domain.edge_signer import EdgeSigner
from delivery.domain.grant import Caller
from delivery.domain.signer import Signer
from delivery.inbound_http.file_source import FileSource
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.http.access_token import Access, ClientAccess

SCOPE = "downloads"  # what a client needs to ask for files
AccessCheck: TypeAlias = Callable[..., Awaitable[Access | ClientAccess]]
Clock: TypeAlias = Callable[[], datetime]


@dataclass(frozen=True)
class Dependencies:
    """Made once by the composition root. `access` gives the caller of a request, or refuses it.

    `signer` gives the URLs that programs are sent on to; `edge` judges those that come to the edge. `source`
    is where the edge finds the files. `ticket_seconds` is the longest life of a bearer ticket.
    """

    database: Database
    access: AccessCheck
    signer: Signer
    edge: EdgeSigner
    ticket_origin: str
    source: FileSource
    ticket_seconds: int
    clock: Clock = now

    def ticket_url(self, grant_id: object) -> str:
        """The stable address of a download, on the portal: the person's session is checked there."""
        return f"{self.ticket_origin}/download/{grant_id}"


def caller_check(dependencies: Dependencies) -> Callable[..., Awaitable[Caller]]:
    """The dependency of every route that gives to accounts, or to programs: who asks."""

    async def caller_of(allowed: Annotated[Access | ClientAccess, Depends(dependencies.access)]) -> Caller:
        if isinstance(allowed, ClientAccess):
            return Caller(allowed.client_id, allowed.issued_at)
        return Caller(allowed.account_id, allowed.auth_time)

    return caller_of
