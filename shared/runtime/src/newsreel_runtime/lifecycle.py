"""The one main loop: the order in which the tasks of a service start and stop."""

import asyncio
import logging
import signal
from collections.abc import Mapping
from functools import partial

from newsreel_runtime.http.server import http_server, serve_http
from newsreel_runtime.service import Service
from newsreel_runtime.stop_limits import RELAY_SECONDS, WORK_SECONDS
from newsreel_runtime.timer import Timer
from newsreel_runtime.wakeup import pause

_log = logging.getLogger(__name__)


async def serve(service: Service, roles: frozenset[str]) -> None:
    """Run what `roles` name until SIGTERM or SIGINT. Raises `SystemExit` 1 when a task ends by itself.

    Stop order: not ready, but serving, for `drain_seconds`; finish requests, the batch and timers; then the
    relay, since all of those write events. What the relay did not send stays in the outbox.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    work, relay = _tasks_of(service, roles, stop)
    ended: list[str] = []

    async def run(name: str, task: Timer, stopping: asyncio.Event) -> None:
        try:
            await task(stopping)
        except (Exception, SystemExit):  # noqa: BLE001 (whatever ends a task ends the process, in order)
            _log.critical("the %s task failed", name, exc_info=True)
            ended.append(name)
        if not stopping.is_set():
            _log.critical("the %s task ended unexpectedly; stopping the process", name)
            ended.append(name)
            stop.set()

    async with asyncio.TaskGroup() as group:
        stages = []
        for tasks, seconds in ((work, WORK_SECONDS), (relay, RELAY_SECONDS)):
            stopping = asyncio.Event()
            started = [
                group.create_task(run(name, task, stopping), name=name) for name, task in tasks.items()
            ]
            stages.append((stopping, started, seconds))
        await stop.wait()
        if not ended:
            await pause(asyncio.Event(), service.listen.drain_seconds)
        for stopping, started, seconds in stages:
            stopping.set()
            await _finish(started, seconds)
    if ended:
        raise SystemExit(1)


def _tasks_of(
    service: Service, roles: frozenset[str], stop: asyncio.Event
) -> tuple[Mapping[str, Timer], Mapping[str, Timer]]:
    """What this process runs, by name: all but the relay, and the relay."""
    work: dict[str, Timer] = {"HTTP": partial(serve_http, http_server(service, roles, stop))}
    if "consume" in roles:
        work |= {f"consumer {consumer.group}": consumer.run for consumer in service.consumers}
    if "timer" in roles:
        named = [(f"timer {_name(timer)}", timer) for timer in service.timers]
        for consumer in service.consumers:
            named += [(f"timer {_name(timer)} of {consumer.group}", timer) for timer in consumer.timers]
        if len(dict(named)) < len(named):
            raise ValueError("two timers have one name")
        work |= dict(named)
    if service.relay is None:
        return work, {}
    return work, {"relay": service.relay.run if "relay" in roles else service.relay.announce}


def _name(timer: Timer) -> str:
    function = timer.func if isinstance(timer, partial) else timer
    return getattr(function, "__qualname__", type(function).__qualname__).rpartition(".<locals>.")[2]


async def _finish(tasks: list[asyncio.Task[None]], seconds: float) -> None:
    late = (await asyncio.wait(tasks, timeout=seconds))[1] if tasks else ()
    for task in late:
        _log.error("the %s task did not stop within %.0f s and is cancelled", task.get_name(), seconds)
        task.cancel()
