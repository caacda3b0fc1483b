"""The one main loop: the order in which the parts of a service start and stop."""

import asyncio
import signal
from collections.abc import Sequence

from newsreel_runtime.http.server import http_server, serve_http
from newsreel_runtime.service import Service, Timer


async def serve(service: Service, roles: frozenset[str]) -> None:
    """Run the parts that `roles` name until SIGTERM or SIGINT; a part that dies ends the process.

    Stop order: not ready, finish the requests, finish the batch and commit its offsets, stop timers, then the
    relay. What the relay did not send stays in the outbox.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    parts: list[tuple[asyncio.Event, list[asyncio.Task[None]]]] = []
    server = http_server(service, roles, stop)
    parts.append(_begin([lambda stopping: serve_http(server, stopping)]))
    if "consume" in roles and service.consumer is not None:
        parts.append(_begin([service.consumer.run]))
    if "timer" in roles:
        kept = service.consumer.timers if service.consumer is not None else ()
        parts.append(_begin([*service.timers, *kept]))
    if "relay" in roles and service.relay is not None:
        parts.append(_begin([service.relay.run]))
    elif service.relay is not None:
        parts.append(_begin([service.relay.announce]))
    tasks = [task for _, started in parts for task in started]
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    died = not stop.is_set()
    stop.set()
    for stopping, started in parts:
        stopping.set()
        await asyncio.wait(started, timeout=20) if started else None
    waiting.cancel()
    for task in tasks:
        if task.done():
            task.result()
        else:
            task.cancel()
    if died:
        raise SystemExit(f"{service.name}: a part ended by itself")


def _begin(runs: Sequence[Timer]) -> tuple[asyncio.Event, list[asyncio.Task[None]]]:
    stopping = asyncio.Event()

    async def until_stopped(run: Timer) -> None:
        await run(stopping)

    return stopping, [asyncio.create_task(until_stopped(run)) for run in runs]
