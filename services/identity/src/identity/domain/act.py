"""What an operator does to an account."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from identity.domain.account import Account, Status

Action = Literal["suspend", "restore", "end-sessions", "set-role", "delete"]
ROLES = ("editor", "press-office", "operator")
_NOTE = re.compile(r"[^@\x00-\x1f\x7f]{1,200}")
_FROM = {"suspend": "active", "restore": "suspended", "set-role": "active"}
_INTO: dict[str, Status] = {"suspend": "suspended", "restore": "active", "delete": "deleted"}


class ActRefusedError(ValueError):
    """Why nothing was changed, and what to do; names no person."""


@dataclass(frozen=True)
class Note:
    """Who acts, why and when: 1 to 200 characters on one line each, without mail addresses.

    It outlives what was acted on. Raises `ActRefusedError`.
    """

    operator: str
    reason: str
    at: datetime

    def __post_init__(self) -> None:
        for name, text in (("--as", self.operator), ("--reason", self.reason)):
            if not text.strip() or not _NOTE.fullmatch(text):
                raise ActRefusedError(f"{name} takes one line of 1 to 200 characters, and no mail address")


@dataclass(frozen=True)
class Act:
    """`operator`, `reason` and `at` are those of its note. `roles` are all that it has after set-role.

    Raises `ActRefusedError`.
    """

    action: Action
    operator: str
    reason: str
    at: datetime
    roles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        Note(self.operator, self.reason, self.at)
        if not set(self.roles).issubset(ROLES):
            raise ActRefusedError(f"the roles are {', '.join(ROLES)}")

    def on(self, account: Account) -> Account:
        """The account afterwards; every act ends the sessions until now. Raises `ActRefusedError`."""
        needed = _FROM.get(self.action, account.status)
        if account.status != needed:
            raise ActRefusedError(
                f"the account is {account.status}; {self.action} takes one that is {needed}"
            )
        roles = tuple(sorted(set(self.roles))) if self.action == "set-role" else account.roles
        if self.action == "set-role" and roles == tuple(sorted(account.roles)):
            raise ActRefusedError("the account has these roles, and no others")
        return replace(
            account,
            status=_INTO.get(self.action, account.status),
            roles=roles,
            sessions_valid_after=max(account.sessions_valid_after, self.at),
        )

    @property
    def note(self) -> Note:
        return Note(self.operator, self.reason, self.at)

    @property
    def done(self) -> str:
        """How it is recorded."""
        if self.action != "set-role":
            return self.action
        return f"set-role {' '.join(sorted(set(self.roles))) or '(none)'}"
