"""A foreign client's poison on the whole stack, and the operator who looks, drops, mends and replays."""

import asyncio
import base64
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from newsreel_events import parse
from newsreel_events.catalog import VIDEO, VideoPublishedV1
from newsreel_events.record_file import RecordFile
from newsreel_local.environment import Layout
from newsreel_local.stack import RunningStack
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import an_envelope, foreign_producer, reading
from newsreel_testing.wait_until import until

GOLDEN = Path(__file__).parents[2] / "shared/events/examples" / f"{VideoPublishedV1.type}.json"
BROKEN_JSON = b'{"video": {"video_id": \xff\x00 "'
FOREIGN = [("x-origin", b"caf\xe9 \xff\xfe\x00"), ("x-none", None), ("x-origin", b"")]
HUGE = 7_000_000_000  # bytes of a rendition

# What a careless migration of delivery's might do; and a witness of each effect, in order.
_BUG = f"ALTER TABLE rendition ADD CONSTRAINT no_huge_file CHECK (size_bytes < {HUGE})"
_FIX = "ALTER TABLE rendition DROP CONSTRAINT IF EXISTS no_huge_file"
_WITNESS = """
CREATE TABLE witness (n serial, video_id uuid, version int);
CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO witness (video_id, version) VALUES (NEW.video_id, NEW.version); RETURN NULL; END $$;
CREATE TRIGGER witness AFTER INSERT OR UPDATE ON video FOR EACH ROW EXECUTE FUNCTION witness();
"""
_NO_WITNESS = "DROP TRIGGER witness ON video; DROP FUNCTION witness; DROP TABLE witness"


@dataclass(frozen=True)
class Ended:
    """A command that came to its end."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Its output where that is JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Operator:
    """Somebody at a terminal of the machine that runs the stack, and delivery's database."""

    def __init__(self, stack: RunningStack, database: asyncpg.Connection) -> None:
        self._stack = stack
        self.database = database

    async def dlq(self, act: str, *words: str) -> Ended:
        """What `make newsreel SERVICE=delivery DO='dlq …'` runs."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "newsreel_local", "newsreel", "delivery"),
            *("dlq", act, "--group", "delivery", *words),
            env=os.environ | {"NEWSREEL_LOCAL_DIR": str(self._stack.local.root)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Ended(process.returncode or 0, out.decode(), err.decode())

    async def effects(self, video: UUID) -> list[int]:
        """The versions of a video that delivery took over, in the order of the effects."""
        rows = await self.database.fetch("SELECT version FROM witness WHERE video_id = $1 ORDER BY n", video)
        return [row["version"] for row in rows]

    async def parked(self, count: int) -> bool:
        """For `until`: so many wait, and Kafka has them."""
        found: int = await self.database.fetchval("SELECT count(*) FROM parked_record WHERE sent")
        return found == count


@pytest.fixture
async def operator(stack: RunningStack) -> AsyncIterator[Operator]:
    group = Layout.group("NEWSREEL_POSTGRES_", stack.layout.settings("delivery"))
    database = await asyncpg.connect(**group)
    await database.execute(_WITNESS)
    try:
        await database.execute(_BUG)
        yield Operator(stack, database)
    finally:
        await database.execute(f"{_FIX}; {_NO_WITNESS}")
        await database.close()


def login(stack: RunningStack, user: str) -> Kafka:
    """The bus, with the rights of `user`."""
    return Kafka.model_validate(Layout.group("NEWSREEL_KAFKA_", stack.layout.kafka(user)))


def a_video(video_id: UUID, version: int, size_bytes: int = 1) -> VideoPublishedV1:
    """A state of a video; its file may be too large for delivery as it is."""
    record = RecordFile.loads(GOLDEN.read_text())
    _, event = parse(record.headers, record.key.encode(), record.value)
    assert isinstance(event, VideoPublishedV1)
    [first, *_] = event.video.renditions
    file = first.model_copy(update={"rendition_id": uuid4(), "size_bytes": size_bytes})
    state = {"video_id": video_id, "version": version, "renditions": (file,)}
    return event.model_copy(update={"video": event.video.model_copy(update=state)})


@dataclass(frozen=True)
class Foreigner:
    """A client that is none of ours, and adds headers that are no text."""

    producer: AIOKafkaProducer

    async def put(
        self, event: VideoPublishedV1, value: bytes | None = None, partition: int | None = None
    ) -> tuple[int, str, Sequence[tuple[str, bytes | None]]]:
        """Its partition, its place as commands name it, and its headers."""
        headers = [*FOREIGN, *an_envelope(event).headers()]
        written = await self.producer.send_and_wait(
            VIDEO,
            value or event.model_dump_json().encode(),
            key=event.key.encode(),
            partition=partition,
            headers=headers,
        )
        return written.partition, f"{VIDEO}-{written.partition}@{written.offset}", headers


@asynccontextmanager
async def foreigner(stack: RunningStack) -> AsyncIterator[Foreigner]:
    """With the right to write videos."""
    async with foreign_producer(login(stack, "catalog")) as producer:
        yield Foreigner(producer)


def as_sent(shown: dict[str, Any] | None) -> bytes | None:
    """The bytes that `show --json` printed."""
    return None if shown is None else base64.b64decode(shown["base64"])


async def test_poison_waits_for_an_operator_and_others_flow(stack: RunningStack, operator: Operator) -> None:
    video, other = uuid4(), uuid4()
    async with (
        foreigner(stack) as client,
        reading(login(stack, "delivery"), [f"{VIDEO}.delivery.dlq"]) as letters,
    ):
        # The poison, what a bug refuses, and what would pass, all of one key; then another key beside them.
        partition, poison, sent = await client.put(a_video(video, 1), BROKEN_JSON)
        _, refused, _ = await client.put(a_video(video, 2, HUGE))
        _, behind, _ = await client.put(a_video(video, 3))
        await client.put(a_video(other, 1), partition=partition)
        await until(lambda: operator.effects(other), "the effect of another key")
        await until(lambda: operator.parked(3), "three parked records")
        assert await operator.effects(video) == []

        listed = await operator.dlq("ls")
        assert listed.code == 0
        lines = listed.out.splitlines()
        assert [line.split()[0] for line in lines] == [poison, refused, behind]
        assert "MalformedError" in lines[0]
        assert all("behind an earlier one" in line for line in lines[1:])
        shown = await operator.dlq("show", poison)
        assert repr(BROKEN_JSON) in shown.out
        [whole] = (await operator.dlq("show", "--json", poison)).objects
        assert [(name, as_sent(value)) for name, value in whole["headers"]] == list(sent)
        assert (as_sent(whole["key"]), as_sent(whole["value"])) == (str(video).encode(), BROKEN_JSON)

        # No fix reads broken JSON: it fails again and waits on, and so does what is behind it.
        again = await operator.dlq("replay", poison)
        assert again.code == 1
        assert "3 sent; 0 had their effect, 3 failed again or wait behind" in again.err
        after = (await operator.dlq("ls", "--json")).objects
        assert [(line["record"], line["replays"]) for line in after] == [
            (poison, 1),
            (refused, 1),
            (behind, 1),
        ]

        dropped = await operator.dlq("drop", poison)
        assert dropped.code == 0
        assert "2 still wait under their keys" in dropped.err
        early = await operator.dlq("replay")
        assert (early.code, await operator.effects(video)) == (1, [])
        assert "CheckViolationError" in (await operator.dlq("ls")).out.splitlines()[0]

        await operator.database.execute(_FIX)
        mended = await operator.dlq("replay", "--exception", "CheckViolationError")
        assert (mended.code, await operator.effects(video)) == (0, [2, 3])
        assert "2 sent; 2 had their effect, 0 failed again" in mended.err
        repeated = await operator.dlq("replay")
        assert (repeated.code, repeated.err) == (1, "newsreel dlq: nothing that waits matches\n")
        assert (await operator.dlq("ls")).out == ""

        await client.put(a_video(video, 4))

        async def all_of_it() -> bool:
            return await operator.effects(video) == [2, 3, 4]

        await until(all_of_it, "the key's next event, by itself")
        await until(lambda: letters.at_least(3), "the parked records")
        assert len(await letters.poll()) == 3, "each is parked once, however often it fails"
    audit = await operator.database.fetch("SELECT action, records, done FROM parked_audit ORDER BY began_at")
    assert [tuple(row) for row in audit] == [
        ("replay", 3, 3),
        ("drop", 1, 1),
        ("replay", 2, 2),
        ("replay", 2, 2),
    ]
