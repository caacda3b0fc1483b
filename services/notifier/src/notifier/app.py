"""The composition root: what the notifier is made of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from newsreel_runtime.database import BY_KEY, Database
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.service import Service
from notifier.domain.mime import MailTemplates
from notifier.domain.schedule import Schedule
from notifier.domain.sender import Sender
from notifier.inbound_http import create_http
from notifier.inbound_kafka import (
    create_consumer,
    create_newsletter_consumer,
    create_recall_consumer,
)
from notifier.inbound_timer import create_timers
from notifier.outbound_smtp import SmtpPool
from notifier.settings import Settings
from notifier.store.queue import CODES, NEWSLETTERS, RECALLS
from notifier.templates import read_texts
from notifier.usecases.write_mail import NewsletterWriter, code_writer
from notifier.usecases.write_recall import RecallWriter
from notifier.worker.sender import MailSender

_LINGER = 0.1  # seconds: what became of a mail is told after it, and several at once cost the codes less


@asynccontextmanager
async def compose(settings: Settings | None = None) -> AsyncIterator[Service]:
    """The service, ready to run; its connections are closed at the end."""
    settings = settings or Settings()
    sender = Sender.parse(settings.mail_from)
    server = settings.mail_server
    async with Database.open(settings.postgres, session=BY_KEY) as database:
        texts, lease = read_texts(), timedelta(seconds=settings.send_lease)
        smtp = SmtpPool(server, sender.address, settings.smtp_connections)
        code_keys = KeyRing.read(settings.code_keys.get_secret_value)
        write_code = code_writer(MailTemplates(texts, sender, settings.portal_origin), code_keys)
        mail_sender = MailSender(database, CODES, smtp, write_code, lease)
        unsubscribe_keys = KeyRing.read(settings.unsubscribe_keys.get_secret_value)
        writer = NewsletterWriter(database, texts, sender, settings.portal_origin, unsubscribe_keys)
        # Connections of their own: a code never waits for these, and a recall for no newsletter.
        newsletter_smtp = SmtpPool(server, sender.address, settings.newsletter_connections)
        newsletter_sender = MailSender(database, NEWSLETTERS, newsletter_smtp, writer.write, lease)
        recall_smtp = SmtpPool(server, sender.address, settings.recall_connections)
        recall_writer = RecallWriter(database, texts, sender, settings.portal_origin)
        recall_sender = MailSender(database, RECALLS, recall_smtp, recall_writer.write, lease)

        # The main loop tells timers apart by their names.
        async def send_newsletters(stopping: asyncio.Event) -> None:
            await newsletter_sender.run(stopping)

        async def send_recalls(stopping: asyncio.Event) -> None:
            await recall_sender.run(stopping)

        yield Service(
            name="notifier",
            http=create_http(),
            listen=settings.http,
            database=database,
            consumers=(
                create_consumer(settings.kafka, database, mail_sender.queued),
                create_newsletter_consumer(settings.kafka, database),
                create_recall_consumer(settings.kafka, database, recall_sender.queued),
            ),
            relay=Relay(settings.kafka, database, "notifier", linger=_LINGER),
            timers=(
                mail_sender.run,
                send_newsletters,
                send_recalls,
                *create_timers(database, Schedule.parse(settings.newsletter), newsletter_sender.wake),
            ),
            timers_not_ready=smtp.why_not_ready,
        )
