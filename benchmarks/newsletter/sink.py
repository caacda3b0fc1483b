"""A mail server that takes all and keeps nothing: `python -m benchmarks.newsletter.sink PORT`."""

import asyncio
import sys
from typing import cast

_ANSWERS = {b"EHLO": b"250 sink\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class _Session(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._waiting, self._is_data = b"", False
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        while True:
            end = b"\r\n.\r\n" if self._is_data else b"\r\n"
            text, found, rest = self._waiting.partition(end)
            if not found:
                return
            self._waiting = rest
            command = b"" if self._is_data else text[:4].upper()
            self._transport.write(_ANSWERS.get(command, b"250 ok\r\n"))
            self._is_data = command == b"DATA"


async def _main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Session, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
