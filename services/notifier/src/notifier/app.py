"""The composition root: what the notifier is made of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.database import Database
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.service import Service
from notifier.domain.letter import Letters, Sender
from notifier.inbound_http import http
from notifier.inbound_kafka import Inbound
from notifier.inbound_timer import MailSender, forget_regularly
from notifier.outbound_smtp import SmtpPool, SmtpServer
from notifier.settings import Settings


@asynccontextmanager
async def compose(settings: Settings | None = None) -> AsyncIterator[Service]:
    """The service, ready to run; its connections are closed at the end."""
    settings = settings or Settings()
    sender = Sender.parse(settings.mail_from)
    keys = KeyRing.parse(settings.code_keys.get_secret_value())
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        timeout=settings.smtp_timeout,
    )
    smtp = SmtpPool(server, sender.address, settings.smtp_connections)
    letters = Letters(sender, settings.portal_origin)
    async with Database.open(settings.postgres) as database:
        mail_sender = MailSender(database, smtp, letters, keys, timedelta(seconds=settings.send_lease))
        consumer = Consumer("notifier", settings.kafka, database)
        Inbound(mail_sender.wake).subscribe(consumer)
        yield Service(
            "notifier",
            http(),
            settings.http,
            database,
            consumer,
            Relay(settings.kafka, database, "notifier"),
            (mail_sender.run, partial(forget_regularly, database)),
        )
