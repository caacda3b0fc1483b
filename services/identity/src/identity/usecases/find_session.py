"""Which session a token stands for."""

from dataclasses import dataclass
from datetime import datetime

from identity.domain.account import Account
from identity.domain.secret import hash_secret
from identity.domain.session import Session, is_authentic, read_token
from identity.store import sessions
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.sql import Sql


@dataclass(frozen=True)
class Held:
    """A session that lives, its account, and the generation of the token that was brought."""

    session: Session
    account: Account
    generation: int


async def find_session(sql: Sql, token: str, keys: KeyRing, at: datetime) -> Held | None:
    """None: it has ended, or the token is none of ours. A token of the last release is found by its hash."""
    named = read_token(token)
    session_id = named.session_id if named is not None else None
    live = await sessions.find_live(sql, session_id, hash_secret(token), at)
    if live is None:
        return None
    session, account = live
    generation = named.generation if named is not None else 0
    if named is not None and not is_authentic(keys, session, generation, token):
        return None
    return Held(session, account, generation)
