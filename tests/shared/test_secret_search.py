"""The search for secrets finds one wherever it is planted, in whatever form, and knows what is none."""

import base64
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

from newsreel_local.rotation import rotate
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import foreign_producer
from newsreel_testing.databases import Databases
from newsreel_testing.secrecy import places
from newsreel_testing.secrecy.allowances import Allowance, judged
from newsreel_testing.secrecy.forms import Secret, forms
from newsreel_testing.secrecy.kept_logs import KeptLogs
from newsreel_testing.secrecy.search import Search
from newsreel_testing.secrecy.telemetry_sink import telemetry_sink

PASSWORD = Secret("password", 'aA1!é"%/ &+x7RtQm')
CODE = Secret("code", "1234 5678")
LONG_CODE = Secret("code", "0A1B 2C3D 4E5F 6G7H 8J9K 0M1N 2P")
ADDRESS = Secret("address", "Olha.o'neill+tv@desk.example")
MAC = base64.urlsafe_b64encode(bytes(range(200, 232))).decode().rstrip("=")
SESSION = Secret("session token", f"{'0af1' * 8}.7.{MAC}")
SECRETS = (PASSWORD, CODE, LONG_CODE, ADDRESS, SESSION)
SEARCH = Search(SECRETS)


def kinds(where: str, content: bytes) -> set[str]:
    return {found.secret.kind for found in SEARCH.find(where, content)}


async def places_with(secret: Secret, kept: AsyncIterator[places.Place]) -> set[str]:
    search = Search([secret])
    return {found.where async for place in kept for found in search.find(*place)}


@pytest.mark.parametrize(
    "written",
    [
        PASSWORD.text,
        quote(PASSWORD.text),
        re.sub("%..", lambda found: found[0].lower(), quote(PASSWORD.text, safe="!")),
        json.dumps(PASSWORD.text),
        json.dumps(PASSWORD.text, ensure_ascii=False),
        PASSWORD.text.encode().hex(),
        f"x{PASSWORD.text.encode().hex().upper()}",
    ],
    ids=[
        "plain",
        "percent-encoded",
        "lower-case percent",
        "JSON",
        "JSON in UTF-8",
        "hexadecimal",
        "capital hexadecimal",
    ],
)
def test_a_secret_is_found_in_every_form(written: str) -> None:
    assert kinds("log", f"tried {written}, refused".encode()) == {"password"}


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_is_found_within_base64(before: str, encode: type) -> None:
    for secret in SECRETS:
        encoded = encode(f"{before}{secret.text} and more".encode())
        assert secret.kind in kinds("log", b"body=" + encoded)


def test_of_a_token_what_nobody_can_make_is_enough() -> None:
    for part in (MAC.encode(), bytes(range(200, 232)), bytes(range(200, 232)).hex().encode()):
        assert kinds("log", b"seen " + part) == {"session token"}
    assert kinds("log", SESSION.text.partition(".")[0].encode()) == set()  # the session's id


@pytest.mark.parametrize(
    "written", ["12345678", "1234 5678", "1234-5678", "code12345678", '"12345678"', "1234+5678"]
)
def test_a_code_is_found_as_it_is_typed(written: str) -> None:
    assert kinds("log", written.encode()) == {"code"}


@pytest.mark.parametrize(
    "written",
    [
        "112345678",
        "123456789",
        "0.12345678",
        "12345678-a0b1-7c2d-8e3f-445566778899",
        "01a21c5f-f7a3-7600-ace1-a31212345678",
        "traceparent 00-aaaabbbbccccdddd12345678aaaabbbb-01",
    ],
    ids=["longer before", "longer behind", "fraction", "UUID's first", "UUID's last", "trace"],
)
def test_eight_digits_of_something_longer_are_no_code(written: str) -> None:
    assert kinds("log", written.encode()) == set()


def test_a_long_code_and_an_address_are_found_as_services_keep_them() -> None:
    assert kinds("log", LONG_CODE.text.replace(" ", "").encode()) == {"code"}
    assert kinds("log", ADDRESS.text.lower().encode()) == {"address"}
    assert kinds("log", quote(ADDRESS.text, safe="").encode()) == {"address"}


def test_what_would_be_found_everywhere_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        forms(Secret("password", "Ab1!xyz"))


def test_what_is_allowed_is_no_leak_and_an_allowance_without_use_is_told() -> None:
    mails, table = Allowance("code", "mails", "why"), Allowance("address", "table identity.account", "why")
    found = [*SEARCH.find("mails", b"12345678"), *SEARCH.find("log identity", b"12345678")]
    leaks, unused = judged(found, [mails, table])
    assert [str(leak) for leak in leaks] == ["code in log identity: …12345678…"]
    assert unused == [table]


async def test_a_secret_in_any_column_of_any_table_is_found(databases: Databases) -> None:
    async with databases.fresh("identity") as settings:
        connection = await databases.connect(settings.database)
        try:
            await connection.execute(
                "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.texts (list text[]);"
                "CREATE TABLE documents (body jsonb); CREATE TABLE binaries (body bytea, more bytea);"
                "CREATE TABLE days (body text, day int) PARTITION BY LIST (day);"
                "CREATE TABLE monday PARTITION OF days DEFAULT;"
                "CREATE MATERIALIZED VIEW looked AS SELECT * FROM days"
            )
            await connection.execute("INSERT INTO elsewhere.texts VALUES ($1)", [CODE.text, PASSWORD.text])
            await connection.execute("INSERT INTO documents VALUES ($1)", json.dumps({"sent": PASSWORD.text}))
            encoded = base64.b64encode(b"x" + PASSWORD.text.encode())
            await connection.execute("INSERT INTO binaries VALUES ($1, $2)", SESSION.text.encode(), encoded)
            await connection.execute("INSERT INTO days VALUES ($1, 1)", ADDRESS.text)
            await connection.execute("REFRESH MATERIALIZED VIEW looked")
            outbox = (
                "INSERT INTO outbox (id, topic, key, type, source, time, payload)"
                "VALUES (gen_random_uuid(), $1, '', '', '', '', $2)"
            )
            await connection.execute(outbox, "identity.account.v1", LONG_CODE.text.encode())
        finally:
            await connection.close()
        found = {
            (hit.where.replace(settings.database, "identity"), hit.secret.kind)
            async for place in places.tables(databases.connect)
            for hit in SEARCH.find(*place)
        }
    assert found == {
        ("table identity.texts", "code"),
        ("table identity.texts", "password"),
        ("table identity.documents", "password"),
        ("table identity.binaries", "session token"),
        ("table identity.binaries", "password"),
        ("table identity.monday", "address"),
        ("table identity.looked", "address"),
        ("outbox of identity.account.v1", "code"),
    }


async def test_a_secret_in_a_record_s_key_header_or_value_is_found(kafka: Kafka) -> None:
    async with foreign_producer(kafka) as producer:
        for topic, key, value, header in (
            ("identity.account.v1", CODE.text.encode(), None, b""),
            ("notifier.mail.v1", b"key", PASSWORD.text.encode(), b""),
            ("identity.account.v1.delivery.dlq", b"key", b"{}", SESSION.text.encode()),
        ):
            await producer.send_and_wait(topic, value, key=key, headers=[("h", header)])
    found = {
        (hit.where, hit.secret.kind)
        async for place in places.records(kafka)
        for hit in SEARCH.find(*place)
        if hit.where.startswith(("topic identity.", "topic notifier."))  # others are of other tests
    }
    assert found == {
        ("topic identity.account.v1", "code"),
        ("topic notifier.mail.v1", "password"),
        ("topic identity.account.v1.delivery.dlq", "session token"),
    }


def test_a_secret_in_a_span_or_a_metric_is_found(tmp_path: Path) -> None:
    with telemetry_sink(tmp_path) as origin:
        traces, metrics = TracerProvider(), OTLPMetricExporter(f"{origin}/v1/metrics")
        traces.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(f"{origin}/v1/traces")))
        with traces.get_tracer("test").start_as_current_span(
            "GET", attributes={"url.query": CODE.text}
        ) as span:
            span.add_event("tried", {"with": PASSWORD.text})
        meter = MeterProvider([PeriodicExportingMetricReader(metrics)])
        meter.get_meter("test").create_counter("tries").add(1, {"whose": ADDRESS.text})
        meter.shutdown()
        traces.shutdown()
    spans = b"".join(content for _, content in places.files("spans", tmp_path, "spans.otlp"))
    measured = b"".join(content for _, content in places.files("metrics", tmp_path, "metrics.otlp"))
    assert (kinds("spans", spans), kinds("metrics", measured)) == ({"code", "password"}, {"address"})


def test_a_secret_in_a_log_is_found_also_when_the_log_was_rotated(tmp_path: Path) -> None:
    logs, kept = tmp_path / "logs", tmp_path / "kept"
    logs.mkdir()
    emptied, moved = logs / "identity.log", logs / "edge-access.log"
    emptied.write_text("begins\n")
    moved.write_text("begins\n")
    following = KeptLogs(logs, kept)
    following.take()
    with emptied.open("a") as log:
        log.write(f"{PASSWORD.text}\n" + 10_000_000 * "x")
    with moved.open("a") as log:
        log.write(f"{CODE.text}\n")
    rotate(emptied)
    moved.rename(logs / "edge-access-2026.log.moved")
    moved.write_text(f"{ADDRESS.text}\n")
    following.take()
    with emptied.open("a") as log:
        log.write(f"{SESSION.text}\n")
    following.take()
    found = {(hit.where, hit.secret.kind) for place in places.logs(kept) for hit in SEARCH.find(*place)}
    assert found == {
        ("log identity", "password"),
        ("log identity", "session token"),
        ("log edge-access", "code"),
        ("log edge-access", "address"),
    }
    assert (kept / "identity.log").stat().st_size == sum(
        file.stat().st_size for file in logs.glob("identity*")
    )


def test_a_log_that_could_not_be_followed_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "identity.log").write_text("begins\n")
    kept = tmp_path / "kept"
    following = KeptLogs(tmp_path, kept)
    following.__enter__()
    shutil.rmtree(kept)
    following._thread.join(30)
    kept.mkdir()
    with pytest.raises(FileNotFoundError):
        following.__exit__(None, None, None)
