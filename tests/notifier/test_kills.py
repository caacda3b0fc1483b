"""kill -9 at the sender's fail points: the mail arrives, and twice only after the server's 250."""

import signal
from functools import partial

import pytest

from newsreel_runtime.database import Database
from newsreel_testing.databases import Databases
from newsreel_testing.fake_smtp import Queue, mail_server
from newsreel_testing.sender_process import sender_environment, sender_process
from newsreel_testing.wait_until import until


@pytest.mark.parametrize(("point", "copies", "losses"), [("mail.claimed", 1, 1), ("mail.delivered", 2, 1)])
async def test_a_killed_sender_loses_nothing(
    databases: Databases, point: str, copies: int, losses: int
) -> None:
    async with (
        mail_server() as server,
        databases.fresh("notifier") as postgres,
        Database.open(postgres) as database,
    ):
        queue, variables = Queue(database), sender_environment(postgres, server.port)
        request = await queue.add()
        async with sender_process(variables | {"NEWSREEL_FAILPOINTS": point}) as doomed:
            assert await doomed.wait() == -signal.SIGKILL
        assert (await queue.row(request)).state == "sending"
        assert len(server.arrived) == copies - 1
        async with sender_process(variables) as other:
            await until(partial(queue.in_state, request, "accepted"), "the mail", deadline=30)
            other.terminate()
            assert await other.wait() == 0
        assert len(server.arrived) == copies
        assert len({arrived.message["Message-ID"] for arrived in server.arrived}) == 1
        assert (await queue.row(request)).losses == losses
        assert await queue.events() == ["accepted"]
