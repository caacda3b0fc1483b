"""A connection that is cut is an error of Kafka's, under uvloop as well."""

import asyncio

import pytest
import uvloop
from aiokafka.errors import KafkaConnectionError

from newsreel_runtime.kafka import cut_connections


async def _write_after_a_cut() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        ended = asyncio.ensure_future(writer.wait_closed())
        writer.transport.abort()
        await asyncio.wait({ended})
        with cut_connections():
            writer.write(b"x")


def test_a_write_to_a_connection_that_was_cut_is_a_connection_error() -> None:
    """`make prove` found it: a consumer whose SASL handshake was cut ended with a RuntimeError."""
    with (
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        pytest.raises(KafkaConnectionError, match="was cut"),
    ):
        runner.run(_write_after_a_cut())


def test_another_runtime_error_stays() -> None:
    with pytest.raises(RuntimeError, match="mine"), cut_connections():
        raise RuntimeError("mine")
