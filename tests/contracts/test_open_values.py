"""D26: a consumer one release behind meets a value that is new to it and goes on; a producer refuses it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from delivery import store as delivery_store
from delivery.domain.grant import Caller, Standing, standing
from newsreel_contracts.contract import Contract
from newsreel_events import EVENTS, parse
from newsreel_events.notifier import MailAcceptedV1
from newsreel_events.record_file import RecordFile
from newsreel_events.values import KNOWN_VALUES, UnknownValueError, refuse_unknown
from newsreel_runtime.database import Database
from newsreel_testing.service_consumers import CREATE, a_record

VIDEO = "newsreel.catalog.video.published.v1"
TRANSCRIPT = "newsreel.catalog.transcript.published.v1"
ACCOUNT = "newsreel.identity.account.verified.v1"
CONTACT = "newsreel.identity.contact.changed.v1"
CODE = "newsreel.identity.code.signup-requested.v1"
NOTICE = "newsreel.identity.code.no-account-noticed.v1"
MAIL = "newsreel.notifier.mail.accepted.v1"
NOW = datetime(2026, 11, 26, 15, tzinfo=UTC)

Databases = Callable[[str], Awaitable[Database]]


def later(record: RecordFile, *changes: tuple[str, Any]) -> RecordFile:
    """The record as a later version would write it: ("video.status", "archived"); `*` is every element."""
    value = json.loads(record.value or b"")
    for path, new in changes:
        *inside, last = path.split(".")
        parts = [value]
        for name in inside:
            parts = [inner for part in parts for inner in (part if name == "*" else [part[name]])]
        for part in parts:
            part[last] = new
    return replace(record, value=json.dumps(value).encode())


async def take(service: str, database: Database, *records: RecordFile) -> None:
    """Give the records to the service's consumer: each has its effect, none is parked."""
    given = [
        a_record(record.topic, offset, record.key, record.value, record)
        for offset, record in enumerate(records)
    ]
    await asyncio.wait_for(CREATE[service](database).handle_batch(given), 30)
    async with database.read() as sql:
        assert await sql.fetchval("SELECT count(*) FROM inbox") == len(records)
        assert await sql.fetchval("SELECT count(*) FROM parked_record") == 0


async def test_identity_begins_no_code_s_time_for_a_mail_of_an_unknown_kind(
    golden: dict[str, RecordFile], service_database: Databases
) -> None:
    database = await service_database("identity")
    event = json.loads(golden[MAIL].value or b"")
    async with database.begin() as tx:
        await tx.sql.execute(
            """
            INSERT INTO challenge
                (challenge_id, purpose, address, address_key, locale, secret_hash, purge_after)
            VALUES ($1, 'signup', 'a@example.org', 'a', 'en', '', $2)
            """,
            UUID(event["reference_id"]),
            NOW,
        )
        await tx.sql.execute(
            """
            INSERT INTO challenge_code (challenge_id, generation, kid, requested_at)
            VALUES ($1, $2, 'k', $3)
            """,
            UUID(event["reference_id"]),
            event["generation"],
            NOW,
        )
    await take("identity", database, later(golden[MAIL], ("kind", "digest")))
    async with database.read() as sql:
        assert await sql.fetchval("SELECT count(*) FROM challenge_code WHERE accepted_at IS NULL") == 1


async def test_delivery_gives_nothing_of_a_video_whose_status_it_does_not_know(
    golden: dict[str, RecordFile], service_database: Databases
) -> None:
    database = await service_database("delivery")
    await take("delivery", database, later(golden[VIDEO], ("video.status", "archived")))
    async with database.read() as sql:
        assert await sql.fetchval("SELECT status FROM video") == "archived"
        assert await sql.fetchval("SELECT count(*) FROM rendition WHERE available") == 0
        assert await sql.fetchval("SELECT count(*) FROM rendition") > 0


async def test_delivery_gives_a_rendition_of_a_new_role_and_texts_of_a_new_language(
    golden: dict[str, RecordFile], service_database: Databases
) -> None:
    database = await service_database("delivery")
    german = {"en": "Good evening", "de": "Guten Abend"}
    changes: list[tuple[str, Any]] = [("video.renditions.*.role", "stereo-3d"), ("video.titles", german)]
    changes += [("video.transcript_languages", ["en", "de"]), ("video.shotlist.*.text", german)]
    await take("delivery", database, later(golden[VIDEO], *changes))
    async with database.read() as sql:
        assert await sql.fetchval("SELECT count(*) FROM rendition WHERE NOT available") == 0


async def test_delivery_lets_an_account_of_an_unknown_status_do_nothing(
    golden: dict[str, RecordFile], service_database: Databases
) -> None:
    database = await service_database("delivery")
    await take("delivery", database, later(golden[ACCOUNT], ("account.status", "on-leave")))
    async with database.read() as sql:
        account = await delivery_store.find_account(sql, UUID(golden[ACCOUNT].key))
    caller = Caller(UUID(golden[ACCOUNT].key), datetime.now(UTC))
    assert standing(account, caller) is Standing.NOT_ACTIVE


async def test_the_notifier_writes_english_to_a_locale_that_it_does_not_know(
    golden: dict[str, RecordFile], service_database: Databases
) -> None:
    database = await service_database("notifier")
    records = [later(golden[type_], ("locale", "pt-BR")) for type_ in (CODE, NOTICE, CONTACT)]
    await take("notifier", database, *records)
    async with database.read() as sql:
        assert [row["locale"] for row in await sql.fetch("SELECT locale FROM mail")] == ["en", "en"]
        assert await sql.fetchval("SELECT locale FROM contact") == "en"


@pytest.mark.parametrize(
    ("event_type", "path"),
    [
        (VIDEO, "video.status"),
        (VIDEO, "video.renditions.*.role"),
        (TRANSCRIPT, "kind"),
        (TRANSCRIPT, "language"),
        (TRANSCRIPT, "segments.*.part"),
        (ACCOUNT, "account.status"),
        (CONTACT, "locale"),
        (CODE, "locale"),
        (MAIL, "kind"),
        ("newsreel.notifier.mail.bounced.v1", "reason"),
    ],
)
def test_parse_takes_what_it_does_not_know_within_bounds(
    event_type: str, path: str, golden: dict[str, RecordFile]
) -> None:
    def read(value: str) -> Any:
        record = later(golden[event_type], (path, value))
        return parse(record.headers, record.key.encode(), record.value)[1]

    event = read("xx")
    with pytest.raises(UnknownValueError, match="=xx"):
        refuse_unknown(event)
    for unbounded in ("", "x" * 200, "a b", "<i>", "x\n"):
        with pytest.raises(ValueError, match="not valid"):
            read(unbounded)


@pytest.mark.parametrize(
    "path", ["video.titles", "video.headlines", "video.descriptions", "video.restrictions", "video.keywords"]
)
def test_names_of_languages_are_open_and_bounded(path: str, golden: dict[str, RecordFile]) -> None:
    words: Any = ["a"] if path.endswith("keywords") else "a"
    record = later(golden[VIDEO], (path, {"de": words}))
    event = parse(record.headers, record.key.encode(), record.value)[1]
    with pytest.raises(UnknownValueError, match="=de"):
        refuse_unknown(event)
    bad = later(golden[VIDEO], (path, {"x" * 99: words}))
    with pytest.raises(ValueError, match="not valid"):
        parse(bad.headers, bad.key.encode(), bad.value)


@pytest.mark.parametrize("event_type", EVENTS)
def test_a_producer_may_publish_every_golden_record(event_type: str, golden: dict[str, RecordFile]) -> None:
    record = golden[event_type]
    refuse_unknown(parse(record.headers, record.key.encode(), record.value)[1])


async def test_what_the_contract_does_not_name_is_not_emitted(service_database: Databases) -> None:
    database = await service_database("notifier")
    event = MailAcceptedV1(reference_id=uuid4(), generation=1, kind="digest", occurred_at=NOW)
    with pytest.raises(UnknownValueError, match="MailAcceptedV1: not in the contract: kind=digest"):
        async with database.begin() as tx:
            tx.emit(event)
    async with database.read() as sql:
        assert await sql.fetchval("SELECT count(*) FROM outbox") == 0


def test_every_open_value_says_what_is_known() -> None:
    text = json.dumps(dict(Contract.of().schemas))
    assert text.count(KNOWN_VALUES) == text.count("others may come")
    named = set(_open_names(dict(Contract.of().schemas)))
    assert named >= {"status", "kind", "role", "part", "language", "locale"}


def _open_names(schema: Any) -> list[str]:
    if not isinstance(schema, dict):
        return []
    named = [name for name, field in schema.items() if isinstance(field, dict) and KNOWN_VALUES in field]
    return named + [name for field in schema.values() for name in _open_names(field)]
