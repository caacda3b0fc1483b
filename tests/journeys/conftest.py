"""One running stack for all journeys, on ports and in a folder of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import httpx
import pytest

from newsreel_local.journey import Addresses, Journey
from newsreel_local.stack import RunningStack, running_stack


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """Everything that `make up` runs."""
    async with running_stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="session")
def addresses(stack: RunningStack) -> Addresses:
    """Where its parts answer."""
    origin = stack.ports.origin
    return Addresses(portal=origin("edge"), mailbox=origin("mailbox"), traces=origin("traces"))


@pytest.fixture
async def person(addresses: Addresses) -> AsyncIterator[Callable[[], Awaitable[Journey]]]:
    """`await person()`: somebody new, with a browser of their own."""
    async with AsyncExitStack() as stack:

        async def arrives() -> Journey:
            client = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
            return Journey(client, addresses)

        yield arrives
