"""What a notifier's process says at /health/ready while no mail goes out."""

from functools import partial

import httpx

from newsreel_runtime.database import Database
from newsreel_testing.databases import Databases
from newsreel_testing.fake_smtp import MailServer, Queue
from newsreel_testing.sender_process import sender_environment, sender_process
from newsreel_testing.wait_until import free_port, until


async def test_a_sender_is_not_ready_while_no_mail_goes_out(databases: Databases) -> None:
    server = MailServer()
    server.port = free_port()
    async with databases.fresh("notifier") as postgres, Database.open(postgres) as database:
        queue, variables = Queue(database), sender_environment(postgres, server.port)
        origin = f"http://127.0.0.1:{variables['NEWSREEL_HTTP_PORT']}"
        async with sender_process(variables), httpx.AsyncClient(base_url=origin) as client:
            await until(partial(_reasons, client, []), "ready", deadline=30)
            request = await queue.add()
            away = ["no mail goes out: connect: ConnectionRefusedError"]
            await until(partial(_reasons, client, away), "the reason", deadline=30)
            await server.start()
            await until(partial(queue.in_state, request, "accepted"), "the mail", deadline=30)
            await until(partial(_reasons, client, []), "ready again")
        await server.stop()


async def _reasons(client: httpx.AsyncClient, expected: list[str]) -> bool:
    try:
        answer = await client.get("/health/ready")
    except httpx.TransportError:
        return False
    assert answer.status_code == (503 if answer.json()["reasons"] else 200)
    return bool(answer.json()["reasons"] == expected)
