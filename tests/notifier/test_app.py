"""The composed notifier between a real Kafka, a real PostgreSQL and a real mail server; and its trace."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from pydantic import SecretStr

from newsreel_events import TraceContext
from newsreel_events.identity import SignupCodeRequestedV1
from newsreel_events.notifier import MAIL, MailAcceptedV1
from newsreel_runtime.clock import now
from newsreel_runtime.ids import new_id
from newsreel_runtime.service import Service
from newsreel_runtime.settings import Http, Kafka
from newsreel_testing.bus import an_envelope, foreign_producer, reading, send
from newsreel_testing.databases import Databases
from newsreel_testing.fake_smtp import ADDRESS, KEYS, MailServer, a_request, mail_server
from newsreel_testing.wait_until import until
from notifier.app import compose
from notifier.domain.code import derive_code
from notifier.domain.mime import grouped
from notifier.settings import Settings

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


@pytest.fixture
def spans(exporter: InMemorySpanExporter) -> Callable[[], Sequence[ReadableSpan]]:
    """The finished spans of the flow under test."""
    return lambda: [
        span
        for span in exporter.get_finished_spans()
        if span.context is not None and trace.format_trace_id(span.context.trace_id) == TRACE
    ]


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    """All of its parts but HTTP, at work."""
    assert service.relay is not None
    stopping = asyncio.Event()
    runs = (*(consumer.run for consumer in service.consumers), service.relay.run, *service.timers)
    tasks = [asyncio.ensure_future(run(stopping)) for run in runs]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as started:
        yield started


@pytest.fixture
async def settings(databases: Databases, kafka: Kafka, server: MailServer) -> AsyncIterator[Settings]:
    async with databases.fresh("notifier") as postgres:
        yield Settings(
            postgres=postgres,
            kafka=kafka,
            http=Http(port=0),
            NEWSREEL_UNSUBSCRIBE_KEYS=SecretStr(f"k1:{KEYS.current[1].hex()}"),
            NEWSREEL_CODE_KEYS=SecretStr(f"k1:{KEYS.current[1].hex()}"),
            smtp_host="127.0.0.1",
            smtp_port=server.port,
            smtp_tls="none",
            mail_from="Newsreel <no-reply@newsreel.test>",
            portal_origin="https://portal.test",
        )


def requested(challenge: UUID) -> SignupCodeRequestedV1:
    return SignupCodeRequestedV1(
        challenge_id=challenge,
        generation=1,
        kid="k1",
        address=ADDRESS,
        locale="uk",
        requested_at=now(),
        send_before=a_request().send_before,
    )


def parent_of(span: ReadableSpan, of: Sequence[ReadableSpan]) -> str | None:
    for other in of:
        if span.parent and other.context and other.context.span_id == span.parent.span_id:
            return other.name
    return None


async def test_from_the_topic_to_the_mailbox_and_back(
    settings: Settings, kafka: Kafka, server: MailServer, spans: Callable[[], Sequence[ReadableSpan]]
) -> None:
    event = requested(new_id())
    envelope = an_envelope(event, TraceContext(traceparent=f"00-{TRACE}-{PARENT}-01"))
    async with (
        foreign_producer(kafka) as producer,
        reading(kafka, [MAIL]) as reader,
        compose(settings) as service,
        running(service),
    ):
        for _ in range(3):  # twice too often
            await send(producer, event, envelope)
        again = an_envelope(event)  # a replay under another id
        await send(producer, event, again)
        record = await until(lambda: reader.of_key(event.key), "the word that it was accepted", deadline=30)
        await until(lambda: _seen(service, envelope.id, again.id), "both ids in the inbox")
    accepted = MailAcceptedV1.model_validate_json(record.value)
    assert (accepted.reference_id, accepted.generation, accepted.kind) == (
        event.challenge_id,
        1,
        "signup_code",
    )
    assert dict(record.headers)["ce_type"] == MailAcceptedV1.type.encode()
    assert sum(event.key.encode() in arrived.content for arrived in server.arrived) == 1
    _shape(spans(), server)
    code = derive_code(KEYS.current[1], "signup", event.challenge_id, 1)
    for text in (record.value.decode(), *(span.to_json() for span in spans())):
        assert ADDRESS not in text
        assert code not in text
        assert grouped(code) not in text


async def _seen(service: Service, *ids: UUID) -> bool:
    assert service.database is not None
    async with service.database.read() as connection:
        found = await connection.fetchval("SELECT count(*) FROM inbox WHERE ce_id = ANY ($1)", list(ids))
        return bool(found == len(ids))


def _shape(found: Sequence[ReadableSpan], server: MailServer) -> None:
    by_name = {span.name: span for span in found}
    assert parent_of(by_name["mail job"], found) == "process identity.code.v1"
    assert parent_of(by_name["smtp.deliver"], found) == "mail job"
    assert parent_of(by_name["create notifier.mail.v1"], found) == "mail job"
    job, smtp = by_name["mail job"], by_name["smtp.deliver"]
    assert dict(job.attributes or {}) == {
        "newsreel.mail.kind": "signup_code",
        "newsreel.mail.attempts": 1,
        "newsreel.mail.result": "accepted",
    }
    assert smtp.kind is SpanKind.CLIENT
    assert dict(smtp.attributes or {}) == {
        "server.address": "127.0.0.1",
        "server.port": server.port,
        "newsreel.smtp.reply_code": 250,
        "newsreel.mail.result": "accepted",
    }
