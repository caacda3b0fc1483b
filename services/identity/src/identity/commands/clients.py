"""What `newsreel clients` prints and does."""

from datetime import datetime

from identity.domain.act import ActRefusedError, Note
from identity.domain.client import Client
from identity.store import account_acts, clients
from identity.usecases.create_client import create_client
from identity.usecases.delete_client import delete_client
from identity.usecases.rotate_client import rotate_client
from newsreel_runtime.database import Database
from newsreel_runtime.operators import confirm, opened
from newsreel_runtime.settings import Postgres


async def show_all(settings: Postgres, at: datetime) -> None:
    """Print the clients and what was done to each."""
    async with Database.open(settings) as database, database.read() as sql:
        for client in await clients.every(sql):
            print(_line(client, at))
            for act in await account_acts.of_account(sql, client.client_id):
                print(f"  {act.at:%F %T} UTC {act.done} by {act.operator}: {act.reason}")


async def create(settings: Postgres, name: str, scopes: tuple[str, ...], note: Note, *, yes: bool) -> None:
    """Create it once it is confirmed, and print its secret. Raises `ActRefusedError`, as the others here."""
    async with opened(settings) as database:
        confirm(f"create a client {name} that may {' and '.join(scopes)}", yes=yes)
        async with database.begin() as tx:
            client, secret = await create_client(tx, name, scopes, note)
    _print_once(client, secret, note.at)


async def rotate(settings: Postgres, who: str, note: Note, *, at_once: bool, yes: bool) -> None:
    """Make another secret and print it."""
    async with opened(settings) as database:
        await _print_named(database, who, note.at)
        confirm(f"end its secret {'now' if at_once else 'in 24 hours'} and make another", yes=yes)
        async with database.begin() as tx:
            client, secret = await rotate_client(tx, who, note, at_once=at_once)
    _print_once(client, secret, note.at)


async def delete(settings: Postgres, who: str, note: Note, *, yes: bool) -> None:
    """Delete it."""
    async with opened(settings) as database:
        await _print_named(database, who, note.at)
        confirm("delete this client", yes=yes)
        async with database.begin() as tx:
            client = await delete_client(tx, who, note)
    print(f"delete: done; {client.name} gets no token, and those that it has end")


async def _print_named(database: Database, who: str, at: datetime) -> None:
    async with database.read() as sql:
        client = await clients.find_named(sql, who)
    if client is None:
        raise ActRefusedError("there is no such client")
    print(_line(client, at))


def _line(client: Client, at: datetime) -> str:
    older = client.older_ends(at)
    also = "" if older is None else f", the one before until {older:%F %T} UTC"
    secrets = f"secret of {client.secret_made_at:%F %T} UTC{also}"
    return f"{client.client_id} {client.name}: {' '.join(client.scopes)}; {secrets}"


def _print_once(client: Client, secret: str, at: datetime) -> None:
    print(_line(client, at))
    print("its secret, which is not shown again:")
    print(secret)
