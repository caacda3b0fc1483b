"""kill -9 while an issue is made, queued and sent: nobody is missed, and nobody is mailed twice for it."""

import signal
from functools import partial

import pytest

from newsreel_runtime.database import Database
from newsreel_testing.databases import Databases
from newsreel_testing.fake_smtp import mail_server
from newsreel_testing.newsletter_stage import DAILY, Newsletters
from newsreel_testing.sender_process import sender_environment, sender_process
from newsreel_testing.wait_until import free_port, until

_PEOPLE = 5


def other_port() -> dict[str, str]:
    return {"NEWSREEL_HTTP_PORT": str(free_port())}


async def accepted(newsletters: Newsletters) -> bool:
    return await newsletters.states() == [("accepted", False)] * _PEOPLE


@pytest.mark.parametrize("point", ["newsletter.made", "newsletter.queued", "mail.claimed", "mail.delivered"])
async def test_a_killed_notifier_misses_nobody(databases: Databases, point: str) -> None:
    async with (
        mail_server() as server,
        databases.fresh("notifier") as postgres,
        Database.open(postgres) as database,
    ):
        newsletters = Newsletters(database)
        await newsletters.begun()
        for number in range(_PEOPLE):
            await newsletters.subscriber(f"{number}@desk.example")
        await newsletters.published()
        variables = sender_environment(postgres, server.port) | {"NEWSREEL_NOTIFIER_NEWSLETTER": DAILY}
        async with sender_process(variables | {"NEWSREEL_FAILPOINTS": point}) as doomed:
            assert await doomed.wait() == -signal.SIGKILL
        async with sender_process(variables), sender_process(variables | other_port()):
            await until(partial(accepted, newsletters), "the mails", deadline=30)
        # Between the server's 250 and the commit nobody knows: there a mail goes twice, as one Message-ID.
        assert (len(server.arrived) > _PEOPLE) == (point == "mail.delivered")
        assert len({mail.recipients[0] for mail in server.arrived}) == _PEOPLE
        assert len({mail.message["Message-ID"] for mail in server.arrived}) == _PEOPLE
