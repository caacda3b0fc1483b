"""Where the people's mails arrive."""

from collections import Counter
from typing import Protocol


class Inbox(Protocol):
    """A mail catcher of any kind; it answers in the end, whatever happens to it meanwhile."""

    async def code(self, address: str, seconds: float) -> str:
        """The code in the first mail to `address`. Raises `TimeoutError` after `seconds`."""

    async def counted(self) -> Counter[str]:
        """How many mails each address got."""
