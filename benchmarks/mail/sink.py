"""A mail server that says when it took each mail, and a collector of spans: `SMTP_PORT OTLP_PORT FILE`.

For each mail a line: the moment of its 250 in ns (CLOCK_MONOTONIC), its recipient. FILE gets the first mail.
Each line on the standard input is how the server is from now on: `well`, `slow 0.5` (seconds until a mail's
250), `away` (421 to every MAIL).
"""

import asyncio
import re
import sys
import time
from pathlib import Path
from typing import cast

_ANSWERS = {b"EHLO": b"250 sink\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
_TAKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"


class _Sink:
    def __init__(self, first: Path) -> None:
        self.mood = ["well"]
        self.first = first

    def took(self, to: bytes, content: bytes) -> None:
        sys.stdout.write(f"{time.monotonic_ns()} {to.decode()}\n")
        sys.stdout.flush()
        if not self.first.exists():
            self.first.write_bytes(content)


class _Smtp(asyncio.Protocol):
    def __init__(self, sink: _Sink) -> None:
        self._sink = sink
        self._waiting, self._is_data, self._to = b"", False, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while True:
            text, found, rest = self._waiting.partition(b"\r\n.\r\n" if self._is_data else b"\r\n")
            if not found:
                return
            self._waiting = rest
            self._take(text) if self._is_data else self._answer(text)

    def _take(self, content: bytes) -> None:
        self._is_data = False
        pause = float(self._sink.mood[1]) if self._sink.mood[0] == "slow" else 0.0
        if pause:
            asyncio.get_running_loop().call_later(pause, self._taken, self._to, content)
        else:
            self._taken(self._to, content)

    def _taken(self, to: bytes, content: bytes) -> None:
        self._transport.write(b"250 taken\r\n")
        self._sink.took(to, content)

    def _answer(self, line: bytes) -> None:
        command = line[:4].upper()
        if command == b"MAIL" and self._sink.mood[0] == "away":
            self._transport.write(b"421 4.3.2 come back later\r\n")
            self._transport.close()
            return
        if command == b"RCPT":
            self._to = line.partition(b"<")[2].partition(b">")[0]
        self._is_data = command == b"DATA"
        self._transport.write(_ANSWERS.get(command, b"250 ok\r\n"))


async def _collect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(_TAKEN)
    except (asyncio.IncompleteReadError, OSError):
        writer.close()


async def _main(smtp: int, otlp: int, first: str) -> None:
    loop, sink = asyncio.get_running_loop(), _Sink(Path(first))
    await loop.create_server(lambda: _Smtp(sink), "127.0.0.1", smtp, backlog=1000)
    await asyncio.start_server(_collect, "127.0.0.1", otlp)
    moods = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(moods), sys.stdin)
    while line := await moods.readline():
        sink.mood = line.decode().split()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
