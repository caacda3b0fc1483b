"""An operator lets another team's program in."""

from identity.domain.act import ActRefusedError, Note
from identity.domain.client import Client, new_client
from identity.domain.secret import new_client_secret
from identity.store import account_acts, clients
from newsreel_runtime.ids import new_id
from newsreel_runtime.transaction import Tx


async def create_client(tx: Tx, name: str, scopes: tuple[str, ...], note: Note) -> tuple[Client, str]:
    """The client, and its secret, which nobody can show again. Raises `ActRefusedError`."""
    secret = new_client_secret()
    client = new_client(new_id(), name, scopes, secret, note.at)
    if not await clients.add(tx, client):
        raise ActRefusedError("there is a client of that name")
    account_acts.record(tx, client.client_id, note, f"create client {name}: {' '.join(client.scopes)}")
    return client, secret
