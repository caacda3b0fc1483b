"""What the commands of `newsreel dlq` do."""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, aclosing

from newsreel_runtime.database import Database
from newsreel_runtime.dlq.output import as_json, line, page, summary, whole
from newsreel_runtime.dlq.replay import (
    Choice,
    KafkaDeadLetters,
    ParkedEntry,
    Replay,
    chosen,
    drop,
    find,
    waiting_under,
    with_their_keys,
)
from newsreel_runtime.settings import Kafka, Postgres

_DONE, _NOT_ALL, _USAGE = 0, 1, 2
_TELL_EACH = 5.0  # seconds between lines of progress where there is no terminal


def _say(text: str) -> None:
    print(f"newsreel dlq: {text}", file=sys.stderr)


async def act(arguments: argparse.Namespace, choice: Choice, kafka: Kafka, postgres: Postgres | None) -> int:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.open(postgres)) if postgres else None
        letters = await stack.enter_async_context(aclosing(KafkaDeadLetters(kafka, choice.group)))
        found = await find(letters, database, choice)
        if arguments.act in {"ls", "show"}:
            return _look(arguments, chosen(found, choice, all_of_them=arguments.all or database is None))
        assert database is not None  # noqa: S101 (settings without one are refused before)
        meant = chosen(found, choice)
        if not meant:
            _say("nothing that waits matches")
            return _NOT_ALL
        if arguments.act == "replay":
            return await _replay(arguments, choice, letters, database, with_their_keys(found, meant))
        return await _drop(arguments, choice, database, found, meant)


def _look(arguments: argparse.Namespace, records: list[ParkedEntry]) -> int:
    ls = arguments.act == "ls"
    for number, record in enumerate(records):
        if arguments.json:
            print(as_json((summary if ls else whole)(record, private=arguments.private)))
        elif ls:
            print(line(record, private=arguments.private))
        else:
            print(("\n" if number else "") + page(record, private=arguments.private))
    if not records:
        _say("nothing matches")
    return _DONE if records or ls else _NOT_ALL


def _progress() -> Callable[[int, int], None]:
    """A line that counts on a terminal, else a line every few seconds."""
    began = printed_at = time.monotonic()
    terminal = sys.stderr.isatty()

    def tell(done: int, total: int) -> None:
        nonlocal printed_at
        at = time.monotonic()
        if terminal:
            rate = done / max(at - began, 0.001)
            end = "\n" if done == total else ""
            print(f"\r{done}/{total} sent, {rate:.0f}/s ", end=end, file=sys.stderr, flush=True)
        elif at - printed_at > _TELL_EACH:
            printed_at = at
            _say(f"{done} of {total} sent")

    return tell


async def _replay(
    arguments: argparse.Namespace,
    choice: Choice,
    letters: KafkaDeadLetters,
    database: Database,
    records: list[ParkedEntry],
) -> int:
    if incomplete := [record for record in records if record.letter.left_out]:
        for record in incomplete:
            print(line(record, private=False))
        _say(f"{len(incomplete)} of them have no value here: drop them, or choose others to replay")
        return _NOT_ALL
    if arguments.dry_run:
        for record in records:
            print(line(record, private=False))
        _say(f"would replay {len(records)} to {choice.group}; nothing was done")
        return _DONE
    replay = Replay(letters, database, choice, arguments.operator, progress=_progress(), rate=arguments.rate)
    result = await replay.run(records, arguments.wait)
    _say(
        f"replay {replay.id}: {result.sent} sent; {result.effects} had their effect,"
        f" {result.failed} failed again or wait behind one that did,"
        f" {result.pending} without an answer after {arguments.wait} s"
    )
    return _NOT_ALL if result.failed or result.pending else _DONE


async def _drop(
    arguments: argparse.Namespace,
    choice: Choice,
    database: Database,
    found: list[ParkedEntry],
    meant: list[ParkedEntry],
) -> int:
    narrowed = choice.places or choice.type or choice.since or choice.exception or choice.limit
    if not (narrowed or arguments.all):
        _say("say which records, or --all")
        return _USAGE
    if arguments.dry_run:
        for record in meant:
            print(line(record, private=False))
        _say(f"would drop {len(meant)}; nothing was done")
        return _DONE
    await drop(database, choice, arguments.operator, meant)
    waiting = waiting_under(found, meant)
    rest = f"; {waiting} still wait under their keys: replay them" if waiting else "; their keys flow again"
    _say(f"{len(meant)} dropped{rest}")
    return _DONE
