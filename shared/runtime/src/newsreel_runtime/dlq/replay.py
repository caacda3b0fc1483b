"""Replaying parked records to the group that failed on them, and to nobody else; and dropping them.

A record's row among the parked ones goes in the transaction of its effect, so that a second replay has none.
Order per key holds whatever is chosen: a replayed record whose earlier one still waits stays parked.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind

from newsreel_events import TOPICS, Topic
from newsreel_runtime.consumer import parked_records
from newsreel_runtime.consumer.dead_letter_producer import LIMIT, nearest_partition
from newsreel_runtime.consumer.parked_records import Waiting
from newsreel_runtime.consumer.record import Place
from newsreel_runtime.database import Database
from newsreel_runtime.dlq.dead_letters import DeadLetter, letter_of_row, read_letters
from newsreel_runtime.ids import new_id
from newsreel_runtime.producer import Producer, started_producer
from newsreel_runtime.settings import Kafka
from newsreel_runtime.sql import Sql
from newsreel_runtime.telemetry import context_from, current_traceparent, link_to, span

_TOPICS = {topic.name: topic for topic in TOPICS}
_LOOK = 0.1  # seconds between looks at what became of the replayed ones
_ROUNDS = 100  # of records that were parked behind replayed ones meanwhile
_AUDIT = """
INSERT INTO parked_audit (id, action, operator, consumer, chosen, records) VALUES ($1, $2, $3, $4, $5, $6)
"""
_ENDED = "UPDATE parked_audit SET done = $2, ended_at = clock_timestamp() WHERE id = $1"
_REPLAYED = """
UPDATE parked_record SET replays = replays + 1
WHERE consumer = $1 AND topic = $2 AND partition = $3 AND "offset" = $4
"""


@dataclass(frozen=True)
class Choice:
    """Which parked records are meant; what is None does not narrow it."""

    group: str
    topics: Sequence[str]
    places: frozenset[Place] = frozenset()
    type: str | None = None
    since: datetime | None = None
    exception: str | None = None
    limit: int | None = None

    def __str__(self) -> str:
        said = {"type": self.type, "since": self.since, "exception": self.exception, "limit": self.limit}
        words = [f"topic={name}" for name in self.topics]
        words += [f"{name}={value}" for name, value in said.items() if value is not None]
        return " ".join([*words, *(f"record={place}" for place in sorted(self.places))])

    def takes(self, letter: DeadLetter, row: Waiting | None) -> bool:
        """Whether it is one of them; what the database knows is newer than what the letter says."""
        kind = row.exception_type if row else letter.reason["dlq_exception_type"]
        failed_at = row.failed_at if row else letter.failed_at
        return (
            (not self.places or letter.place in self.places)
            and self.type in (None, letter.type)
            and self.exception in (None, kind)
            and (self.since is None or failed_at >= self.since)
        )


@dataclass(frozen=True)
class ParkedEntry:
    """A parked record as Kafka has it and as the database knows it. `row` is None once it waits no longer."""

    letter: DeadLetter
    row: Waiting | None


class DeadLetters(Protocol):
    """The bus as a replay needs it."""

    async def read(self, topic: Topic) -> list[DeadLetter]:
        """The group's dead letters of a topic, each place once, in its order."""

    async def send(self, letter: DeadLetter, added: Sequence[tuple[str, bytes]]) -> None:
        """Returns when the group's replay topic has it, byte for byte, `added` behind its own headers."""


class KafkaDeadLetters:
    """The real one; its methods raise `aiokafka.errors.KafkaError`. Opens its producer at the first use."""

    def __init__(self, kafka: Kafka, group: str) -> None:
        self._kafka = kafka
        self._group = group
        self._producer: Producer | None = None

    async def read(self, topic: Topic) -> list[DeadLetter]:
        return await read_letters(self._kafka, topic, self._group)

    async def send(self, letter: DeadLetter, added: Sequence[tuple[str, bytes]]) -> None:
        if self._producer is None:
            self._producer = await started_producer(
                self._kafka, f"{self._group}-replay", max_request_size=LIMIT, compression_type="gzip"
            )
        topic = _TOPICS[letter.place.topic].replayed(self._group)
        await self._producer.send_and_wait(
            topic,
            letter.value,
            key=letter.key,
            partition=await nearest_partition(self._producer, topic, letter.place.partition),
            headers=[*letter.headers, *added],
        )

    async def aclose(self) -> None:
        if self._producer is not None:
            await self._producer.stop()


@dataclass(frozen=True)
class Result:
    """What became of a replay: records sent, those with their effect, those that failed again, the rest."""

    sent: int = 0
    effects: int = 0
    failed: int = 0
    pending: int = 0


async def find(letters: DeadLetters, database: Database | None, choice: Choice) -> list[ParkedEntry]:
    """Every dead letter of the choice's topics. Without a database nobody knows which still wait.

    A row without a dead letter is among them: the record was not sent yet, or Kafka has forgotten it.
    """
    found = []
    for name in choice.topics:
        rows: dict[Place, Waiting] = {}
        if database is not None:
            async with database.read() as sql:
                waiting = await parked_records.waiting(sql, choice.group, name)
            rows = {row.place: row for row in waiting}
        there = {letter.place: letter for letter in await letters.read(_TOPICS[name])}
        there |= {place: letter_of_row(row) for place, row in rows.items() if place not in there}
        found += [ParkedEntry(there[place], rows.get(place)) for place in sorted(there)]
    return found


def chosen(found: Iterable[ParkedEntry], choice: Choice, *, all_of_them: bool = False) -> list[ParkedEntry]:
    """Those that are meant: they wait, unless `all_of_them`."""
    meant = [
        entry
        for entry in found
        if (all_of_them or entry.row is not None) and choice.takes(entry.letter, entry.row)
    ]
    return meant[: choice.limit]


def _key(entry: ParkedEntry) -> tuple[str, int, bytes | Place]:
    """What keeps an order: the key; a record without one stands for itself."""
    place, key = entry.letter.place, parked_records.stored_key(entry.letter.key)
    return place.topic, place.partition, place if key is None else key


def with_their_keys(found: Iterable[ParkedEntry], meant: Sequence[ParkedEntry]) -> list[ParkedEntry]:
    """The meant ones, and all that waits under their keys, in order: alone, they would wait again."""
    keys = {_key(entry) for entry in meant}
    return [entry for entry in found if entry.row is not None and _key(entry) in keys]


class Replay:
    """One run of an operator's replay. `progress` hears the number of records sent so far, and of all."""

    def __init__(
        self,
        letters: DeadLetters,
        database: Database,
        choice: Choice,
        operator: str,
        *,
        progress: Callable[[int, int], None] = lambda _done, _all: None,
        rate: float | None = None,
    ) -> None:
        self.id: UUID = new_id()
        self._letters = letters
        self._database = database
        self._choice = choice
        self._operator = operator
        self._progress = progress
        self._rate = rate

    async def run(self, records: Sequence[ParkedEntry], wait: float) -> Result:
        """Send `records` and wait for what becomes of them, `wait` seconds at most after the last one.

        What was parked behind them meanwhile follows. Raises `KafkaError`, or what the database
        raises; the audit row has no end then.
        """
        async with self._database.begin() as tx:
            await _audit(
                tx.sql,
                audit_id=self.id,
                action="replay",
                operator=self._operator,
                choice=self._choice,
                count=len(records),
            )
        result = await self._rounds(records, wait)
        async with self._database.begin() as tx:
            await tx.sql.execute(_ENDED, self.id, result.sent)
        return result

    async def _rounds(self, records: Sequence[ParkedEntry], wait: float) -> Result:
        total, todo = Result(), list(records)
        seen: set[Place] = set()
        for _ in range(_ROUNDS):
            await self._send(todo, total.sent)
            seen |= {entry.letter.place for entry in todo}
            settled = await self._settle(todo, wait)
            total = Result(
                total.sent + len(todo),
                total.effects + settled.effects,
                total.failed + settled.failed,
                settled.pending,
            )
            if settled.failed or settled.pending:
                break
            found = await find(self._letters, self._database, self._choice)
            todo = [key for key in with_their_keys(found, records) if key.letter.place not in seen]
            if not todo:
                break
        return total

    async def _send(self, records: Sequence[ParkedEntry], before: int) -> None:
        began = time.monotonic()
        for number, record in enumerate(records, 1):
            async with self._database.begin() as tx:
                await tx.sql.execute(_REPLAYED, self._choice.group, *record.letter.place)
            await self._send_one(record)
            self._progress(before + number, before + len(records))
            if self._rate:
                await asyncio.sleep(max(0.0, began + number / self._rate - time.monotonic()))

    async def _send_one(self, entry: ParkedEntry) -> None:
        letter = entry.letter
        topic = _TOPICS[letter.place.topic].replayed(self._choice.group)
        attributes = {
            "messaging.system": "kafka",
            "messaging.operation.name": "replay",
            "messaging.operation.type": "send",
            "messaging.destination.name": topic,
            "newsreel.replay.id": str(self.id),
        }
        links = link_to(context_from(letter.traceparent))
        with span(f"replay {topic}", SpanKind.PRODUCER, parent=Context(), links=links, attributes=attributes):
            added = {
                "replay_id": str(self.id),
                "replay_count": str((entry.row.replays if entry.row else 0) + 1),
                "replay_original_topic": letter.place.topic,
                "replay_original_partition": str(letter.place.partition),
                "replay_original_offset": str(letter.place.offset),
                "replay_original_timestamp": letter.reason.get("dlq_original_timestamp", ""),
                "replay_traceparent": current_traceparent() or "",
            }
            await self._letters.send(letter, [(name, value.encode()) for name, value in added.items()])

    async def _settle(self, records: Sequence[ParkedEntry], wait: float) -> Result:
        """Look until each is gone or has failed again, or `wait` seconds have passed."""
        end = time.monotonic() + wait
        while True:
            rows = await self._rows()
            left = [(record, rows[record.letter.place]) for record in records if record.letter.place in rows]
            failed = [
                entry for entry, row in left if entry.row is not None and row.failed_at > entry.row.failed_at
            ]
            keys = {_key(entry) for entry in failed}
            pending = [entry for entry, _ in left if _key(entry) not in keys]
            if not pending or time.monotonic() > end:
                return Result(
                    effects=len(records) - len(left), failed=len(left) - len(pending), pending=len(pending)
                )
            await asyncio.sleep(_LOOK)

    async def _rows(self) -> dict[Place, Waiting]:
        async with self._database.read() as sql:
            rows = [
                row
                for topic in self._choice.topics
                for row in await parked_records.waiting(sql, self._choice.group, topic)
            ]
        return {row.place: row for row in rows}


async def drop(database: Database, choice: Choice, operator: str, records: Sequence[ParkedEntry]) -> None:
    """Forget that they wait, and note who did it: their effects never come, their keys flow again."""
    audit_id = new_id()
    async with database.begin() as tx:
        await _audit(
            tx.sql,
            audit_id=audit_id,
            action="drop",
            operator=operator,
            choice=choice,
            count=len(records),
        )
        await parked_records.release(tx.sql, choice.group, [record.letter.place for record in records])
        await tx.sql.execute(_ENDED, audit_id, len(records))


async def _audit(sql: Sql, *, audit_id: UUID, action: str, operator: str, choice: Choice, count: int) -> None:
    await sql.execute(_AUDIT, audit_id, action, operator, choice.group, str(choice), count)


def waiting_under(found: Iterable[ParkedEntry], dropped: Sequence[ParkedEntry]) -> int:
    """How many records still wait under the keys of the dropped ones."""
    gone = {entry.letter.place for entry in dropped}
    return sum(key.letter.place not in gone for key in with_their_keys(found, dropped))


def at_least_one_topic(choice: Choice) -> Choice:
    """The choice with all topics that its group consumes, if it names none."""
    if choice.topics:
        return choice
    return replace(choice, topics=[topic.name for topic in TOPICS if choice.group in topic.consumers])
