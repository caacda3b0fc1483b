"""A TCP proxy between our processes and a server: cuts connections, delays, or falls silent."""

import asyncio
import socket
import struct
from contextlib import AsyncExitStack
from typing import Self

_CHUNK = 65_536
_NO_LINGER = struct.pack("ii", 1, 0)  # closing then resets (socket(7), SO_LINGER)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End the connection as a crashed peer would; a plain close is an orderly end (FIN)."""
    end = writer.get_extra_info("socket")
    if end.fileno() >= 0:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()


class Proxy:
    """Listens on 127.0.0.1:`port` for a server on 127.0.0.1:`behind`."""

    def __init__(self, port: int, behind: int) -> None:
        self.port = port
        self._behind = behind
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self._flows.set()
        self._stack = AsyncExitStack()
        self.delay = 0.0  # seconds for each piece of data, in each direction

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(await asyncio.start_server(self._join, "127.0.0.1", self.port))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.speak()
        self.cut()
        await self._stack.aclose()

    def cut(self) -> int:
        """End all connections as a crashed peer would (RST). Says how many there were."""
        count = len(self._writers) // 2
        for writer in self._writers:
            _reset(writer)
        return count

    def fall_silent(self) -> None:
        """Keep all data that comes from now on, in both directions; connections stay open."""
        self._flows.clear()

    def speak(self) -> None:
        """Pass on what was kept, and all that follows."""
        self._flows.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        except OSError:
            _reset(writer)
            return
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, far_writer))
                group.create_task(self._pump(far_reader, writer))
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(_CHUNK):
                await self._flows.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        except OSError:  # this end was reset: so is the other
            _reset(writer)
        else:
            writer.close()
