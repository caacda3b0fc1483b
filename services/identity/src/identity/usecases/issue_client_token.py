"""A program exchanges its secret for an access token."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from opentelemetry import metrics

from identity import errors
from identity.domain.access_token import TokenSigner
from identity.domain.client import Client, is_secret_of
from identity.domain.limits import NETWORK_SECRETS, Buckets, retry_after
from identity.store import allowances, clients
from newsreel_runtime.database import Database

_NOBODY = UUID(int=0)
_tries = metrics.get_meter("newsreel").create_counter(
    "newsreel.client_secrets", unit="{try}", description="Secrets of clients that were tried."
)


@dataclass(frozen=True)
class ClientClaim:
    """Who a program says to be, from which network; `client_id` is None for a text that no id has."""

    client_id: UUID | None
    secret: str = field(repr=False)
    network: str


async def issue_client_token(
    database: Database,
    claim: ClientClaim,
    scope: str | None,
    *,
    buckets: Buckets,
    signer: TokenSigner,
    at: datetime,
) -> tuple[str, tuple[str, ...]]:
    """The token and its scopes. An unknown client and a wrong secret cost the same work.

    A right secret is never held back by the wrong ones of its network: no number of tries finds one.
    Raises `ServiceError`: invalid-client for either, 429 when that network sends too many; invalid-scope.
    """
    async with database.read() as sql:
        client = await clients.find(sql, claim.client_id or _NOBODY)
    if not is_secret_of(client, claim.secret, at) or client is None:
        await _count(database, buckets.secrets_from(claim.network), at)
        raise errors.client_refused()
    _tries.add(1, {"outcome": "right"})
    return _sign(client, scope, signer, at)


async def _count(database: Database, bucket: bytes, at: datetime) -> None:
    async with database.begin() as tx:
        spent = await allowances.spend(tx, bucket, NETWORK_SECRETS, at)
    _tries.add(1, {"outcome": "refused" if spent.is_allowed else "delayed"})
    if not spent.is_allowed:
        raise errors.too_many_requests(retry_after(spent.hits, NETWORK_SECRETS, at))


def _sign(
    client: Client, scope: str | None, signer: TokenSigner, at: datetime
) -> tuple[str, tuple[str, ...]]:
    scopes = client.granted(scope)
    if scopes is None:
        raise errors.scope_refused()
    return signer.sign_for_client(client.client_id, scopes, client.issue_moment(at)), scopes
