"""Those who ask: a few that take a large file, and many that take a small one again and again."""

import selectors
import socket
import time
from concurrent.futures import ThreadPoolExecutor

_BUFFER = 1 << 20


def _connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=120)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _request(target: str, more: str = "") -> bytes:
    return f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{more}\r\n".encode()


def take(port: int, target: str, size: int) -> None:
    """One file from beginning to end. Raises `RuntimeError` unless there are as many bytes as promised."""
    with _connected(port) as connection:
        connection.sendall(_request(target, "Connection: close\r\n"))
        buffer = memoryview(bytearray(_BUFFER))
        head = b""
        while b"\r\n\r\n" not in head:
            got = connection.recv_into(buffer)
            if not got:
                break
            head += bytes(buffer[:got])
        header, _, body = head.partition(b"\r\n\r\n")
        received = len(body)
        while got := connection.recv_into(buffer):
            received += got
    if not header.startswith(b"HTTP/1.1 200 ") or received != size:
        raise RuntimeError(f"{received} bytes after {header[:200]!r}")


def take_together(port: int, target: str, size: int, clients: int) -> float:
    """So many at once; the seconds until the last has all."""
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        for done in [pool.submit(take, port, target, size) for _ in range(clients)]:
            done.result()
    return time.perf_counter() - began


def requests_per_second(port: int, target: str, size: int, clients: int, seconds: float) -> float:
    """Each client asks again when it has its answer, on a connection that it keeps.

    Raises `RuntimeError` at the first answer that is not the whole file.
    """
    asked = _request(target)
    with selectors.DefaultSelector() as waiting:
        for _ in range(clients):
            _ask(waiting, _connected(port), asked)
        began, answered = time.perf_counter(), 0
        while (now := time.perf_counter()) < began + seconds:
            for key, _ in waiting.select():
                answered += _went_on(waiting, key, port, asked, size)
        for key in list(waiting.get_map().values()):
            key.data.clear()
            socket.socket.close(key.fileobj)  # type: ignore[arg-type]  # all are sockets
    return answered / (now - began)


def _ask(waiting: selectors.BaseSelector, connection: socket.socket, asked: bytes) -> None:
    connection.sendall(asked)
    waiting.register(connection, selectors.EVENT_READ, bytearray())


def _went_on(
    waiting: selectors.BaseSelector, key: selectors.SelectorKey, port: int, asked: bytes, size: int
) -> int:
    """Read what is there; 1 when that was the end of an answer."""
    connection: socket.socket = key.fileobj  # type: ignore[assignment]  # all are sockets
    so_far: bytearray = key.data
    got = connection.recv(65536)
    if not got:  # servers end a connection after some thousand requests
        waiting.unregister(connection)
        connection.close()
        if so_far:
            raise RuntimeError(f"closed within an answer: {bytes(so_far[:200])!r}")
        _ask(waiting, _connected(port), asked)
        return 0
    so_far += got
    end = so_far.find(b"\r\n\r\n")
    if end < 0 or len(so_far) < end + 4 + size:
        if end >= 0 and not so_far.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(bytes(so_far[:400]).decode(errors="replace"))
        return 0
    if len(so_far) != end + 4 + size or not so_far.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(bytes(so_far[:400]).decode(errors="replace"))
    closing = b"Connection: close" in so_far
    so_far.clear()
    if not closing:
        connection.sendall(asked)
    return 1
