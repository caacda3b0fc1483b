"""`make demo`: with the stack that runs, with one that lasts as long as the demo, or with any other."""

import asyncio
import sys

from newsreel_local.demo import DemoError, run_demo
from newsreel_local.journey import Addresses
from newsreel_local.process import StartError
from newsreel_local.stack import stack_up


async def _show(elsewhere: Addresses | None) -> None:
    if elsewhere is not None:
        await run_demo(elsewhere)
        return
    async with stack_up() as stack:
        addresses = Addresses(
            stack.ports.origin("edge"), stack.ports.origin("mailbox"), stack.ports.origin("traces")
        )
        await run_demo(addresses)


def main(portal: str | None, mailpit: str | None) -> int:
    """With both origins: at that deployment, whose mails Mailpit keeps.

    Exit code 0 and `demo: ok`, or one line that says which step failed.
    """
    try:
        asyncio.run(_show(Addresses(portal, mailpit, mailpit=True) if portal and mailpit else None))
    except (DemoError, StartError) as error:
        print(f"demo: failed: {error}", file=sys.stderr)
        return 1
    print("demo: ok")
    return 0
