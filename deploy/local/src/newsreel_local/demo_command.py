"""`make demo`: with the stack that runs, or with one that lasts as long as the demo."""

import asyncio
import sys

from newsreel_local.demo import DemoError, run_demo
from newsreel_local.journey import Addresses
from newsreel_local.process import StartError
from newsreel_local.stack import stack_up


async def _show() -> None:
    async with stack_up() as stack:
        addresses = Addresses(*(stack.ports.origin(name) for name in ("portal", "mailbox", "traces")))
        await run_demo(addresses)


def main() -> int:
    """Exit code 0 and `demo: ok`, or one line that says which step failed."""
    try:
        asyncio.run(_show())
    except (DemoError, StartError) as error:
        print(f"demo: failed: {error}", file=sys.stderr)
        return 1
    print("demo: ok")
    return 0
