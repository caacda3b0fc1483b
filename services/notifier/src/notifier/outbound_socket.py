"""The TCP connection to the mail server: every address is tried, and the kernel watches the other side."""

import asyncio
import socket
import sys


async def open_socket(host: str, port: int, *, connect: float, silence: float) -> socket.socket:
    """A TCP connection. The kernel notices a host that is gone, however long answers may take."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(connect):
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    failure: OSError = ConnectionError()
    for family, kind, protocol, _, address in found:
        opened = socket.socket(family, kind, protocol)
        try:
            opened.setblocking(False)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if sys.platform == "linux":
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)
                opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(silence * 1000))
            async with asyncio.timeout(connect / len(found)):
                await loop.sock_connect(opened, address)
        except BaseException as error:
            opened.close()
            if not isinstance(error, OSError):
                raise
            failure = error
        else:
            return opened
    raise failure
