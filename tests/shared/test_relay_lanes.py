"""The lanes in memory: what a refusal holds back, also rows that were read before it was known."""

import asyncio
from uuid import uuid4

from newsreel_runtime.outbox import OutboxRow
from newsreel_runtime.publisher.lanes import Lanes
from newsreel_runtime.publisher.refusals import Refusals
from newsreel_runtime.settings import Kafka
from newsreel_testing.memory_kafka import MemoryKafka, Stored
from newsreel_testing.wait_until import until


def a_row(seq: int, key: str = "k") -> OutboxRow:
    text = (str(uuid4()), "t", "/t", "1.0", None, "now", "application/json", None, None, None)
    return OutboxRow(seq, "t", key, b"%d" % seq, *text, 0.0)


class Held:
    """Lanes on a Kafka that refuses the key k, and a clock that is set."""

    def __init__(self, bus: MemoryKafka, lanes: Lanes[list[Stored]], refusals: Refusals) -> None:
        self.bus = bus
        self.lanes = lanes
        self.refusals = refusals
        self.time = 0.0

    @classmethod
    async def made(cls) -> "Held":
        bus = MemoryKafka(topics={"t": 1}, refused={"k"})
        refusals = Refusals(lambda: held.time)
        sink = await bus.open(Kafka(bootstrap="nowhere:1"), "test")
        held = cls(bus, Lanes(sink, refusals, lambda: None), refusals)
        return held

    async def refuse(self, *rows: OutboxRow) -> None:
        """Offer them; return when the first was refused alone."""
        self.lanes.accept(rows)
        await until(self._held, "the refusal")

    async def _held(self) -> bool:
        return bool(self.refusals)

    async def settle(self) -> None:
        """Until no lane works any more."""
        await until(self._idle, "the end of all lanes")

    async def _idle(self) -> bool:
        return not self.lanes._tasks


async def test_a_row_that_was_read_before_its_key_was_held_is_not_taken() -> None:
    held = await Held.made()
    await held.refuse(a_row(1))
    held.bus.refused.clear()
    held.lanes.accept([a_row(2), a_row(3, "other")])
    await held.settle()
    assert held.bus.values("t", "k") == []
    assert held.bus.values("t", "other") == [b"3"]
    assert 2 not in held.lanes.known


async def test_the_rows_behind_a_refused_one_are_read_again_with_it() -> None:
    held = await Held.made()
    await held.refuse(a_row(1), a_row(2), a_row(3))
    await held.settle()
    assert not held.lanes.known
    assert held.refusals.withheld() == [("t", "k")]
    held.time, held.bus.refused = 10.0, set()
    assert held.refusals.withheld() == []
    held.lanes.accept([a_row(1), a_row(2), a_row(3)])
    await held.settle()
    assert held.bus.values("t", "k") == [b"1", b"2", b"3"]
    assert not held.refusals


async def test_a_relay_that_begins_anew_asks_again_before_it_takes_any_row_of_a_held_key() -> None:
    held = await Held.made()
    await held.refuse(a_row(1))
    held.time = 10.0
    held.refusals.withheld()
    held.refusals.begin()
    assert held.refusals.blocks(a_row(2))


async def test_a_refused_row_leaves_others_of_its_batch_their_way() -> None:
    held = await Held.made()
    await held.refuse(a_row(1, "a"), a_row(2), a_row(3, "b"), a_row(4), a_row(5, "a"))
    await held.settle()
    assert [record.value for record in held.bus.logs["t", 0]] == [b"1", b"3", b"5"]
    assert sorted(held.lanes.known) == [1, 3, 5]


async def test_what_is_in_flight_at_a_stop_arrives_and_nothing_new_begins() -> None:
    held = await Held.made()
    held.lanes.accept([a_row(1, "a"), a_row(2, "a")])
    await held.lanes.finish(seconds=5)
    await asyncio.sleep(0)
    assert [row.seq for row in held.lanes.take_acknowledged()] in ([], [1, 2])
