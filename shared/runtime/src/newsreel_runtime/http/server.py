"""The HTTP server of a service process, and what its readiness means."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from newsreel_runtime.http.app import create_app
from newsreel_runtime.service import Service
from newsreel_runtime.settings import networks


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The main loop has the signals: a service is more than its HTTP side."""
        yield


def http_server(service: Service, roles: frozenset[str], stop: asyncio.Event) -> uvicorn.Server:
    """The server of the service's API, or of its health alone when `roles` lack http."""
    app = service.http
    if "http" not in roles:
        app = create_app(title=service.name, summary="Health alone: no role http.", explorer=False)

    async def draining() -> str | None:
        return "stopping" if stop.is_set() else None

    async def database() -> str | None:
        try:
            await service.database.ping() if service.database is not None else None
        except Exception as error:  # noqa: BLE001 (whatever keeps the database from answering)
            return f"the database does not answer: {type(error).__qualname__}"
        return None

    async def consuming() -> str | None:
        return next(filter(None, (consumer.why_not_ready() for consumer in service.consumers)), None)

    async def timers() -> str | None:
        return service.timers_not_ready() if "timer" in roles else None

    async def publishing() -> str | None:
        return service.relay.why_not_ready() if service.relay is not None else None

    async def alive() -> str | None:
        return next(filter(None, (consumer.why_not_alive() for consumer in service.consumers)), None)

    app.state.checks += [draining, database, timers]
    app.state.checks += [consuming] if "consume" in roles else []
    app.state.checks += [publishing] if "relay" in roles else []
    app.state.alive += [alive] if "consume" in roles else []
    trusted = networks(service.listen.trusted_proxies)
    return _Server(
        uvicorn.Config(
            app,
            host=service.listen.host,
            port=service.listen.port,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted),
            forwarded_allow_ips=trusted,
            timeout_keep_alive=75,  # longer than `http_client` keeps a connection (60 s)
            timeout_graceful_shutdown=10,
        )
    )


async def serve_http(server: uvicorn.Server, stopping: asyncio.Event) -> None:
    """Serve until `stopping`; requests at hand are finished. Returns earlier when the port is taken."""

    async def stop() -> None:
        await stopping.wait()
        server.should_exit = True

    stopper = asyncio.create_task(stop())
    try:
        await server.serve()
    finally:
        stopper.cancel()
