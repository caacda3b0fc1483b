"""What an operator does to an account."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from identity.domain.account import Account

Action = Literal["suspend", "restore", "end-sessions"]
_NOTE = re.compile(r"[^@\x00-\x1f\x7f]{1,200}")
_FROM = {"suspend": "active", "restore": "suspended"}


class ActRefusedError(ValueError):
    """Why nothing was changed, and what to do; names no person."""


@dataclass(frozen=True)
class Act:
    """`operator` and `reason` are 1 to 200 characters on one line, without mail addresses.

    They outlive the account. Raises `ActRefusedError`.
    """

    action: Action
    operator: str
    reason: str
    at: datetime

    def __post_init__(self) -> None:
        for name, text in (("--as", self.operator), ("--reason", self.reason)):
            if not text.strip() or not _NOTE.fullmatch(text):
                raise ActRefusedError(f"{name} takes one line of 1 to 200 characters, and no mail address")

    def on(self, account: Account) -> Account:
        """The account afterwards; every act ends the sessions until now. Raises `ActRefusedError`."""
        needed = _FROM.get(self.action, account.status)
        if account.status != needed:
            raise ActRefusedError(
                f"the account is {account.status}; {self.action} takes one that is {needed}"
            )
        valid_after = max(account.sessions_valid_after, self.at)
        changed = replace(account, sessions_valid_after=valid_after)
        if self.action == "suspend":
            return replace(changed, status="suspended")
        return replace(changed, status="active") if self.action == "restore" else changed
