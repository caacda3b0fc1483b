"""The check before anything is given to an account."""

from delivery import errors, store
from delivery.domain.grant import Caller, Standing, standing
from newsreel_runtime.sql import Sql


async def check_account(sql: Sql, caller: Caller) -> None:
    """Raises `ServiceError` session-ended or account-not-active unless it may act now.

    A token is valid for minutes after identity ended its session; identity's event is here within a second.
    """
    judged = standing(await store.find_account(sql, caller.account_id), caller)
    if judged is Standing.SESSION_ENDED:
        raise errors.session_ended()
    if judged is Standing.NOT_ACTIVE:
        raise errors.account_not_active()
