"""A network asks for mails, to whatever addresses."""

from datetime import datetime

from identity import errors
from identity.domain.limits import NETWORK_MAILS, Buckets, retry_after
from identity.domain.network import Origin
from identity.store import allowances
from newsreel_runtime.transaction import Tx


async def admit_network(tx: Tx, origin: Origin, address_key: str, buckets: Buckets, at: datetime) -> None:
    """Count one mail of the network. A browser that signed in to the address before is nobody's neighbour.

    The caller has locked the address, so that nobody waits in a circle. Raises `ServiceError` 429, whatever
    the address.
    """
    if buckets.nonce_of(origin.known_browser, address_key) is not None:
        return
    spent = await allowances.spend(tx, buckets.mails_from(origin.network), NETWORK_MAILS, at)
    if not spent.is_allowed:
        raise errors.too_many_requests(retry_after(spent.hits, NETWORK_MAILS, at))
