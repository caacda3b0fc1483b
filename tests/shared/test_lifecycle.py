"""The main loop as real processes: how they end, what they print then, and what each role set traces."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from fastapi import Request
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import ValidationError

from newsreel_runtime.http.app import create_app
from newsreel_runtime.http.server import http_server
from newsreel_runtime.service import ROLES, Service
from newsreel_runtime.settings import Http
from newsreel_runtime.stop_limits import stop_seconds
from newsreel_testing.wait_until import free_port, until

CHECKOUT = Path(__file__).resolve().parents[2]
CANARY = "DETAIL: Key (address_key)=(ada@example.org) already exists."
MAIN = "from newsreel_runtime.main import main\nmain('planted')\n"
APP = """
import asyncio, logging, threading, time
from contextlib import asynccontextmanager
from newsreel_runtime.http.app import create_app
from newsreel_runtime.service import Service
from newsreel_runtime.settings import Http

CANARY = {canary!r}

class Planted:
    async def fails(self, stopping):
        raise RuntimeError(CANARY)

    async def fails_for_a_cause(self, stopping):
        try:
            raise ValueError(CANARY)
        except ValueError as error:
            raise RuntimeError(CANARY) from error

    async def fails_in_a_group(self, stopping):
        async def fail():
            raise ValueError(CANARY)
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())

    async def exits(self, stopping):
        raise SystemExit(CANARY)

    async def ends(self, stopping):
        return

    async def waits(self, stopping):
        await stopping.wait()

    async def waits_and_fails(self, stopping):
        await stopping.wait()
        raise RuntimeError(CANARY)

    async def drops_what_cannot_fail(self, stopping):
        class Fails:
            def __del__(self):
                raise RuntimeError(CANARY)
        Fails()
        await stopping.wait()

    async def logs_wrong_arguments(self, stopping):
        logging.getLogger("planted").error("%d", CANARY)
        await stopping.wait()

    async def forgets_a_task(self, stopping):
        async def fail():
            raise RuntimeError(CANARY)
        asyncio.create_task(fail())
        thread = threading.Thread(target=lambda: 1 / 0 if not CANARY else [].index(CANARY))
        thread.start()
        await stopping.wait()

@asynccontextmanager
async def compose():
    listen = Http()
    if {timer!r} == "composing fails":
        raise RuntimeError(CANARY)
    app = create_app(title="planted", summary="planted")

    slow_ones = []

    @app.get("/began")
    async def began() -> bool:
        return bool(slow_ones)

    @app.get("/slow")
    async def slow() -> str:
        slow_ones.append(True)
        await asyncio.sleep(0.3)
        return "done"

    yield Service("planted", http=app, listen=listen, timers=[getattr(Planted(), {timer!r})])
"""


def planted(folder: Path, timer: str, **environment: str) -> "subprocess.Popen[str]":
    """A service with one timer, as a process."""
    package = folder / "planted"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(MAIN)
    (package / "app.py").write_text(APP.format(canary=CANARY, timer=timer))
    settings = {"PYTHONPATH": str(folder), "NEWSREEL_HTTP_PORT": str(free_port())} | environment
    return subprocess.Popen(
        [sys.executable, "-m", "planted", "serve"],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("timer", "said"),
    [
        ("fails", "the timer Planted.fails task failed"),
        ("fails_for_a_cause", "; from ValueError at app.py:"),
        ("fails_in_a_group", "; from ValueError at app.py:"),
        ("exits", "the timer Planted.exits task failed"),
        ("ends", "the timer Planted.ends task ended unexpectedly; stopping the process"),
        ("composing fails", "an error that nothing handled ended the process: RuntimeError at app.py:"),
    ],
)
def test_a_process_that_dies_names_the_task_and_no_message(tmp_path: Path, timer: str, said: str) -> None:
    """Review D5: an exception's message may hold personal data, and Python prints it to standard error."""
    process = planted(tmp_path, timer)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said in out
    assert "ada@" not in out + err
    assert "Traceback" not in err


def test_a_setting_that_is_missing_or_wrong_is_named(tmp_path: Path) -> None:
    wrong = {"NEWSREEL_HTTP_PORT": "no-port", "NEWSREEL_HTTP_DRAIN_SECONDS": "no-port"}
    process = planted(tmp_path, "waits", **wrong)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("planted: the settings are not valid: NEWSREEL_HTTP_PORT: ")
    assert "NEWSREEL_HTTP_DRAIN_SECONDS: " in err
    assert "no-port" not in err


async def listening(process: "subprocess.Popen[str]", port: int) -> httpx.AsyncClient:
    """A client of it, once it answers."""
    client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20)

    async def answers() -> bool:
        assert process.poll() is None
        try:
            return (await client.get("/health/live")).status_code == 200
        except httpx.TransportError:
            return False

    await until(answers, "the process listens", deadline=30)
    return client


def test_a_port_that_is_taken_ends_it(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = planted(tmp_path, "waits", NEWSREEL_HTTP_PORT=str(taken.getsockname()[1]))
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "the HTTP task ended unexpectedly; stopping the process" in out


@pytest.mark.parametrize(
    "timer",
    ["waits", "waits_and_fails", "forgets_a_task", "drops_what_cannot_fail", "logs_wrong_arguments"],
)
async def test_sigterm_ends_it_in_order(tmp_path: Path, timer: str) -> None:
    port = free_port()
    process = planted(tmp_path, timer, NEWSREEL_HTTP_PORT=str(port))
    client = await listening(process, port)
    slow = asyncio.create_task(client.get("/slow"))

    async def began() -> bool:
        return bool((await client.get("/began")).json())

    await until(began, "the slow request is at hand", pause=0.01)
    process.send_signal(signal.SIGTERM)
    assert (await slow).text == '"done"'
    out, err = await asyncio.to_thread(process.communicate, timeout=30)
    await client.aclose()
    assert process.returncode == (1 if timer == "waits_and_fails" else 0), out + err
    assert "ada@" not in out + err


async def test_a_drain_is_not_ready_and_goes_on_serving(tmp_path: Path) -> None:
    """Review D7: the listener was closed before any probe could see that the process was not ready."""
    port = free_port()
    process = planted(tmp_path, "waits", NEWSREEL_HTTP_PORT=str(port), NEWSREEL_HTTP_DRAIN_SECONDS="2")
    client = await listening(process, port)
    assert (await client.get("/health/ready")).status_code == 200
    process.send_signal(signal.SIGTERM)

    async def not_ready() -> bool:
        reasons: list[str] = (await client.get("/health/ready")).json()["reasons"]
        return reasons == ["stopping"]

    await until(not_ready, "the process is not ready", deadline=2, pause=0.01)
    assert (await client.get("/slow")).status_code == 200
    with socket.create_connection(("127.0.0.1", port), 1):
        pass  # new connections are still taken
    await asyncio.to_thread(process.communicate, timeout=30)
    await client.aclose()
    assert process.returncode == 0


def test_a_service_says_how_long_a_stop_takes_and_the_runbook_quotes_it() -> None:
    explained = subprocess.run(
        [sys.executable, "-m", "catalog", "serve", "--explain-stop"],
        env={**os.environ, "NEWSREEL_HTTP_DRAIN_SECONDS": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = [float(line.split()[0]) for line in explained.stdout.splitlines()]
    assert seconds[-1] == sum(seconds[:-1]) == stop_seconds(7)
    assert explained.stdout.splitlines()[-1].endswith("terminationGracePeriodSeconds, or more")
    runbook = (CHECKOUT / "docs/runbooks/consumers.md").read_text()
    assert f"`terminationGracePeriodSeconds` of {stop_seconds(0):.0f}" in runbook


@pytest.mark.parametrize(
    ("trusted", "forwarded", "client"),
    [
        ("", "198.51.100.9", "10.1.2.3"),
        ("192.168.0.0/16", "198.51.100.9", "10.1.2.3"),
        ("10.0.0.0/8", "198.51.100.9", "198.51.100.9"),
        ("10.0.0.0/8, fd00::/8", "2001:db8::1, 198.51.100.9, 10.9.9.9, fd00::1", "198.51.100.9"),
    ],
)
async def test_trusted_proxies_alone_say_who_the_client_is(trusted: str, forwarded: str, client: str) -> None:
    app = create_app(title="x", summary="x")

    @app.get("/client")
    async def who(request: Request) -> str:
        return request.client.host if request.client else ""

    listen = Http(port=0, trusted_proxies=trusted)
    config = http_server(Service("x", http=app, listen=listen), frozenset({"http"}), asyncio.Event()).config
    config.load()
    transport = httpx.ASGITransport(config.loaded_app, client=("10.1.2.3", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as caller:
        assert (await caller.get("/client", headers={"X-Forwarded-For": forwarded})).json() == client


@pytest.mark.parametrize("text", ["everybody", "*", "10.0.0.1/8", "10.0.0.0/33"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="NEWSREEL_HTTP_TRUSTED_PROXIES"):
        Http(port=0, trusted_proxies=text)


@pytest.mark.parametrize("roles", [*({role} for role in ROLES), set(ROLES)], ids=" ".join)
async def test_no_role_set_traces_probes_or_queries(roles: set[str], exporter: InMemorySpanExporter) -> None:
    """Review D1: without the role http, FastAPI's own telemetry recorded `url.query` and each probe."""
    app = create_app(title="x", summary="x")
    server = http_server(Service("x", http=app, listen=Http(port=0)), frozenset(roles), asyncio.Event())
    transport = httpx.ASGITransport(server.config.app)  # type: ignore[arg-type]  # uvicorn takes more kinds of it
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        for path in ("/health/live", "/health/ready"):
            assert (await client.get(path)).status_code == 200
        assert exporter.get_finished_spans() == ()
        assert (await client.get("/r/a?e=1&s=SECRETSIGNATURE")).status_code == 404
    [request] = exporter.get_finished_spans()
    assert (request.name, "SECRETSIGNATURE" in json.dumps(dict(request.attributes or {}))) == ("GET", False)


@pytest.mark.parametrize("flags", ["00", "01"])
async def test_a_public_app_starts_a_trace_of_its_own(flags: str, exporter: InMemorySpanExporter) -> None:
    """Review D6: a `traceparent` from the internet switched tracing off, or put everybody into one trace."""
    sent = {"traceparent": f"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}"}
    for trusts_callers, path in ((True, "/nowhere"), (True, "/public/x"), (False, "/nowhere")):
        app = create_app(title="x", summary="x", trusts_callers=trusts_callers, public_paths=("/public/",))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            await client.get(path, headers=sent)
    *trusted, public_path, public_app = exporter.get_finished_spans()
    assert len(trusted) == (1 if flags == "01" else 0), "an unsampled caller that is trusted decides"
    for public in (public_path, public_app):
        assert public.parent is None
        assert public.context is not None
        assert f"{public.context.trace_id:032x}" not in sent["traceparent"]
        [link] = public.links
        assert f"{link.context.trace_id:032x}" in sent["traceparent"]
