"""The rights of the topics table are enough: Kafka refused nothing to a service on the visitors' way."""

import re
from collections.abc import Awaitable, Callable

from newsreel_local.environment import SERVICES
from newsreel_local.journey import Journey
from newsreel_local.stack import RunningStack

REFUSED = re.compile(r"Principal = User:(\w+) is Denied .*")


def refusals(log: str) -> list[str]:
    """What the broker's log says it refused to one of our users."""
    return [found[0] for found in REFUSED.finditer(log) if found[1] in SERVICES]


def test_a_refusal_would_be_seen() -> None:
    line = (
        "INFO logger: Principal = User:catalog is Denied operation = READ from host = "
        "127.0.0.1 on resource = Topic:LITERAL:identity.code.v1 for request = Fetch\n"
    )
    assert len(refusals(line)) == 1
    assert refusals(line.replace("catalog", "somebody")) == []


async def test_no_service_lacks_a_right(
    person: Callable[[], Awaitable[Journey]], stack: RunningStack
) -> None:
    someone = await person()
    await someone.registered()
    await someone.ticket(await someone.first_video())
    assert refusals(stack.local.log("kafka").read_text()) == []
