"""A TCP line that breaks after so many bytes, stays down, and is mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Line:
    """`passed`: bytes that came back from the other end; `breaks_at`: so many, and all connections end."""

    to: int
    breaks_at: int | None = None
    port: int = 0
    passed: int = 0
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    @property
    def is_down(self) -> bool:
        return self.breaks_at is not None and self.passed >= self.breaks_at

    def mend(self) -> None:
        self.breaks_at = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection; while the line is down, none."""
        if self.is_down:
            writer.transport.abort()
            return
        back, onward = await asyncio.open_connection("127.0.0.1", self.to)
        self._writers |= {writer, onward}
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass(reader, onward, counted=False))
                both.create_task(self._pass(back, writer, counted=True))
        finally:
            self._writers -= {writer, onward}

    async def _pass(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        with suppress(ConnectionError):
            while piece := await source.read(65536):
                self.passed += len(piece) if counted else 0
                if self.is_down:
                    for each in self._writers:
                        each.transport.abort()
                    return
                target.write(piece)
                await target.drain()
        target.close()


@asynccontextmanager
async def line_to(port: int, breaks_at: int) -> AsyncIterator[Line]:
    """A line on a port of its own, which breaks once."""
    line = Line(port, breaks_at)
    server = await asyncio.start_server(line.serve, "127.0.0.1", 0)
    line.port = server.sockets[0].getsockname()[1]
    try:
        yield line
    finally:
        server.close()
