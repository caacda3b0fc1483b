"""Forks Python processes from one that has imported what most of them need: a start pays for it once.

Reads `[{"module", "arguments", "environment", "log"}, …]` as JSON from standard input, forks one process for
each, which runs what `python -m <module> <arguments>` would, prints their process ids and ends: its parent, a
subreaper, inherits them. What is started again later is started the plain way.
"""

import contextlib
import ctypes
import gc
import json
import os
import runpy
import signal
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

# Libraries only: our own modules may look at the environment, and each service has its own.
_COMMON = (
    "aiokafka",
    "asyncpg",
    "fastapi",
    "faststream.kafka",
    "httptools",
    "httpx",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.sdk.trace.export",
    "pydantic_settings",
    "pythonjsonlogger.json",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)
_PR_SET_PDEATHSIG = 1
_ADOPTION = 5.0  # seconds


def _await_adoption(cradle: int, supervisor: int) -> None:
    """Our parent's end must be ours, once it is the right parent."""
    deadline = time.monotonic() + _ADOPTION
    while os.getppid() == cradle and time.monotonic() < deadline:
        time.sleep(0.001)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != supervisor:
        os._exit(1)


def _become(wanted: dict[str, Any], cradle: int, supervisor: int) -> NoReturn:
    os.setpgid(0, 0)
    with Path(wanted["log"]).open("ab") as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    _await_adoption(cradle, supervisor)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    sys.argv[1:] = wanted["arguments"]
    code = 0
    try:
        runpy.run_module(wanted["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 (as the interpreter does for a main module)
        traceback.print_exc()
        code = 1
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Import, fork, say the process ids in one JSON line, end."""
    for name in _COMMON:
        import_module(name)
    wanted = json.load(sys.stdin)
    gc.freeze()  # what is shared stays shared: the collector does not touch it in the children
    cradle, supervisor = os.getpid(), os.getppid()
    pids = []
    for one in wanted:
        pid = os.fork()
        if pid == 0:
            _become(one, cradle, supervisor)
        pids.append(pid)
    print(json.dumps(pids), flush=True)


if __name__ == "__main__":
    main()
