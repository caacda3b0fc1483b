"""`make demo`: with the stack that runs, with one that lasts as long as the demo, or with any other."""

import asyncio
import sys
from functools import partial

from newsreel_local.demo import DemoError, run_demo
from newsreel_local.journey import Addresses
from newsreel_local.operator_command import send_newsletter
from newsreel_local.process import StartError
from newsreel_local.stack import stack_up


async def _show(elsewhere: Addresses | None, language: str) -> None:
    if elsewhere is not None:
        await run_demo(elsewhere, language=language)
        return
    async with stack_up() as stack:
        addresses = Addresses(
            stack.ports.origin("edge"), stack.ports.origin("mailbox"), stack.ports.origin("traces")
        )
        await run_demo(addresses, language=language, send_newsletter=partial(send_newsletter, stack.layout))


def main(portal: str | None, mailpit: str | None, language: str) -> int:
    """With both origins: at that deployment, whose mails Mailpit keeps; there no newsletter is sent.

    Exit code 0 and `demo: ok`, or one line that says which step failed.
    """
    try:
        elsewhere = Addresses(portal, mailpit, mailpit=True) if portal and mailpit else None
        asyncio.run(_show(elsewhere, language))
    except (DemoError, StartError) as error:
        print(f"demo: failed: {error}", file=sys.stderr)
        return 1
    print("demo: ok")
    return 0
