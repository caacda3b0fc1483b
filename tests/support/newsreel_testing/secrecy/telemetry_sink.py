"""A collector that keeps what services export as it came: spans with their events, and metrics."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

_KEPT = {"/v1/traces": "spans.otlp", "/v1/metrics": "metrics.otlp"}


@contextmanager
def telemetry_sink(folder: Path) -> Iterator[str]:
    """Where it takes OTLP/HTTP; `spans.otlp` and `metrics.otlp` of `folder` get the bodies as they come."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            with lock, (folder / _KEPT[self.path]).open("ab") as kept:
                kept.write(body)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (http.server's name)
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, name="telemetry-sink", daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
