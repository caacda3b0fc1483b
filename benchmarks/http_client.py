"""HTTP/1.1 with as little of its own as there can be: what it takes is not what the server takes."""

import asyncio
import random


class Http:
    """Keeps connections open, and makes another when none is free."""

    def __init__(self, port: int, content_type: str = "application/json") -> None:
        self._port = port
        self._content_type = content_type
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, path: str, body: str, *headers: str) -> tuple[int, bytes]:
        """Status and body of the answer. Each request says that it comes from a network of its own."""
        reader, writer = await self._connection()
        network = ".".join(str(random.randrange(1, 255)) for _ in range(4))  # noqa: S311 (not a secret)
        lines = [
            f"POST {path} HTTP/1.1",
            "Host: bench",
            f"X-Forwarded-For: {network}",
            f"Content-Type: {self._content_type}",
            f"Content-Length: {len(body)}",
            *headers,
        ]
        writer.write("\r\n".join([*lines, "", body]).encode())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].split(b"\r\n")[0]
        content = await reader.readexactly(int(length or 0))
        if b"connection: close" in head:
            writer.close()
        else:
            self._idle.append((reader, writer))
        return int(head.split(b" ", 2)[1]), content

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():  # the server may have closed it meanwhile
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)
