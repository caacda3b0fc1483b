"""The proxy that the proofs cut: what passes through it is whole, and each fault is one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from newsreel_proving.proxy import Proxy
from newsreel_testing.wait_until import free_port

LARGE = bytes(range(256)) * 4096


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def an_echo(port: int) -> AsyncIterator[None]:
    async with await asyncio.start_server(_echo, "127.0.0.1", port):
        yield


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """Before a server that sends back what it gets."""
    behind, port = free_port(), free_port()
    async with an_echo(behind), Proxy(port, behind) as made:
        yield made


async def joined(proxy: Proxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", proxy.port)


async def test_what_passes_is_whole(proxy: Proxy) -> None:
    reader, writer = await joined(proxy)
    writer.write(LARGE)
    assert await asyncio.wait_for(reader.readexactly(len(LARGE)), 10) == LARGE
    writer.write_eof()
    assert await asyncio.wait_for(reader.read(), 10) == b"", "the end passes too"
    writer.close()


async def test_a_cut_resets_every_connection_and_new_ones_pass(proxy: Proxy) -> None:
    async with AsyncExitStack() as stack:
        ends = [await joined(proxy) for _ in range(3)]
        for reader, writer in ends:
            stack.callback(writer.close)
            writer.write(b"before")
            assert await asyncio.wait_for(reader.readexactly(6), 10) == b"before"
        assert proxy.cut() == 3
        for reader, _ in ends:
            with pytest.raises(ConnectionResetError):
                await asyncio.wait_for(reader.read(), 10)
        reader, writer = await joined(proxy)
        stack.callback(writer.close)
        writer.write(b"after")
        assert await asyncio.wait_for(reader.readexactly(5), 10) == b"after"


async def test_silence_keeps_what_comes_and_passes_it_on_later(proxy: Proxy) -> None:
    reader, writer = await joined(proxy)
    writer.write(b"heard")
    assert await asyncio.wait_for(reader.readexactly(5), 10) == b"heard"
    proxy.fall_silent()
    writer.write(b"kept")
    answer = asyncio.create_task(reader.readexactly(4))
    done, _ = await asyncio.wait({answer}, timeout=0.2)
    assert not done
    proxy.speak()
    assert await asyncio.wait_for(answer, 10) == b"kept"
    writer.close()


async def test_a_delay_comes_before_each_piece_of_data(proxy: Proxy) -> None:
    reader, writer = await joined(proxy)
    proxy.delay = 0.1
    loop = asyncio.get_running_loop()
    began = loop.time()
    writer.write(b"late")
    assert await asyncio.wait_for(reader.readexactly(4), 10) == b"late"
    assert loop.time() - began >= 2 * proxy.delay, "once in each direction"
    writer.close()


async def test_before_a_server_that_is_away_it_resets(proxy: Proxy) -> None:
    async with Proxy(free_port(), free_port()) as lonely:
        reader, writer = await joined(lonely)
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 10)
        writer.close()
