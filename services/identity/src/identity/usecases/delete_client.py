"""An operator shuts a program out."""

from identity import outbound_events
from identity.domain.act import ActRefusedError, Note
from identity.domain.client import Client
from identity.store import account_acts, clients
from newsreel_runtime.transaction import Tx


async def delete_client(tx: Tx, who: str, note: Note) -> Client:
    """It gets no token any more, and those that it has end everywhere. Raises `ActRefusedError`."""
    client = await clients.find_named(tx.sql, who, held=True)
    if client is None:
        raise ActRefusedError("there is no such client")
    clients.remove(tx, client.client_id)
    account_acts.record(tx, client.client_id, note, f"delete client {client.name}")
    outbound_events.client_deleted(tx, client, note.at)
    return client
