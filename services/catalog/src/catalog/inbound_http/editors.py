"""Who may act for the press office: by the roles of the access token, while identity says that it stands."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Depends, Request

from catalog import errors
from newsreel_runtime.http.access_token import Access, ClientAccess

EDITOR, PRESS_OFFICE = "editor", "press-office"
AccessCheck: TypeAlias = Callable[..., Awaitable[Access | ClientAccess]]
Standing: TypeAlias = Callable[[str], Awaitable[None]]  # raises ServiceError when the token was ended


@dataclass(frozen=True)
class Editors:
    """How an editor is known: `access` gives the caller of a request, `standing` asks whether that counts."""

    access: AccessCheck
    standing: Standing


def editor_check(editors: Editors, *roles: str) -> Callable[..., Awaitable[str]]:
    """A dependency: the account that asks, which has one of the roles."""

    async def editor(
        request: Request, allowed: Annotated[Access | ClientAccess, Depends(editors.access)]
    ) -> str:
        if not isinstance(allowed, Access) or not set(roles).intersection(allowed.roles):
            raise errors.role_missing(roles)
        await editors.standing(request.headers["authorization"])
        return str(allowed.account_id)

    return editor
