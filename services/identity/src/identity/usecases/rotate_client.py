"""An operator gives a client another secret."""

from identity import outbound_events
from identity.domain.act import ActRefusedError, Note
from identity.domain.client import Client
from identity.domain.secret import new_client_secret
from identity.store import account_acts, clients
from newsreel_runtime.transaction import Tx


async def rotate_client(tx: Tx, who: str, note: Note, *, at_once: bool) -> tuple[Client, str]:
    """The client, and its new secret; `at_once` is for one that somebody else has: it and its tokens end.

    Raises `ActRefusedError`.
    """
    held = await clients.find_named(tx.sql, who, held=True)
    if held is None:
        raise ActRefusedError("there is no such client")
    secret = new_client_secret()
    client = held.rotated(secret, note.at, at_once=at_once)
    clients.save(tx, client)
    account_acts.record(tx, client.client_id, note, "rotate --at-once" if at_once else "rotate")
    if at_once:
        outbound_events.client_tokens_ended(tx, client)
    return client, secret
