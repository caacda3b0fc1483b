"""An operator suspends, restores or deletes an account, ends its sessions, or sets its roles."""

from uuid import UUID

from identity import outbound_events
from identity.domain.account import Account
from identity.domain.act import Act, ActRefusedError
from identity.store import account_acts
from newsreel_runtime.transaction import Tx

_EVENTS = {
    "suspend": outbound_events.account_suspended,
    "restore": outbound_events.account_restored,
    "end-sessions": outbound_events.sessions_ended,
    "set-role": outbound_events.roles_changed,
    "delete": outbound_events.account_deleted,
}


async def act_on_account(tx: Tx, account_id: UUID, act: Act) -> Account:
    """The account afterwards; it is recorded who did it and why. Raises `ActRefusedError`."""
    held = await account_acts.hold(tx, account_id)
    if held is None:
        raise ActRefusedError("the account is gone")
    changed = act.on(held)
    await account_acts.save(tx, changed, act)
    _EVENTS[act.action](tx, changed)
    return changed
