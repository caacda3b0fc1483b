"""What `newsreel accounts` prints and does."""

from uuid import UUID

from identity.domain.account import Account
from identity.domain.act import Act, ActRefusedError
from identity.domain.address import AddressRefusedError, parse_address
from identity.store import account_acts, accounts, addresses, sessions
from identity.usecases.act_on_account import act_on_account
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.operators import confirm, opened
from newsreel_runtime.settings import Postgres
from newsreel_runtime.sql import Sql

_UNKNOWN = "there is no such account"


async def show(settings: Postgres, who: str) -> None:
    """Print the account and what operators did to it. Raises `ActRefusedError`."""
    async with Database.open(settings) as database, database.read() as sql:
        account_id, address_key = _named(who)
        account = await account_acts.find(sql, account_id, address_key)
        account_id = account_id if account is None else account.account_id
        acts = [] if account_id is None else await account_acts.of_account(sql, account_id)
        former = [] if address_key is None else await addresses.former_of(sql, None, address_key)
        if account is not None:
            await _describe(sql, account)
        elif acts:
            print(f"{account_id}: the account is gone")
        elif not former:
            raise ActRefusedError(_UNKNOWN)
    for past in former:
        print(f"until {past.until:%F %T} UTC this was the address of account {past.account_id}")
    for act in acts:
        print(f"{act.at:%F %T} UTC {act.done} by {act.operator}: {act.reason}")


async def change(settings: Postgres, who: str, act: Act, *, yes: bool) -> None:
    """Do it once it is confirmed. Raises `ActRefusedError`."""
    async with opened(settings) as database:
        async with database.read() as sql:
            account = await account_acts.find(sql, *_named(who))
        if account is None:
            raise ActRefusedError(_UNKNOWN)
        print(_line(account))
        confirm(f"{act.action} this account", yes=yes)
        async with database.begin() as tx:
            changed = await act_on_account(tx, account.account_id, act)
    print(f"{act.action}: done; the account is {changed.status}, and signed in nowhere")


async def _describe(sql: Sql, account: Account) -> None:
    registered_at, verified_at = await accounts.find_dates(sql, account.account_id)
    live = await sessions.of_account(sql, account.account_id, now())
    print(_line(account))
    proven = f"{verified_at:%F %T} UTC" if verified_at else "never"
    print(f"registered {registered_at:%F %T} UTC, proven {proven}")
    print(f"{len(live)} sessions, roles: {', '.join(account.roles) or 'none'}")


def _named(who: str) -> tuple[UUID | None, str | None]:
    """An id, or the key of an address."""
    try:
        return UUID(who), None
    except ValueError:
        try:
            return None, parse_address(who).key
        except AddressRefusedError:
            raise ActRefusedError("give the account's id or its mail address") from None


def _line(account: Account) -> str:
    return f"{account.account_id} {account.address}: {account.status}"
