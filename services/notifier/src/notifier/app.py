"""The composition root: what the notifier is made of."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from newsreel_runtime.database import Database
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.publisher.relay import Relay
from newsreel_runtime.service import Service
from notifier.domain.mime import MailTemplates
from notifier.domain.sender import Sender
from notifier.inbound_http import create_http
from notifier.inbound_kafka import create_consumer
from notifier.inbound_timer import create_timers
from notifier.outbound_smtp import SmtpLimits, SmtpPool, SmtpServer
from notifier.settings import Settings
from notifier.templates import read_texts
from notifier.worker.sender import MailSender


@asynccontextmanager
async def compose(settings: Settings | None = None) -> AsyncIterator[Service]:
    """The service, ready to run; its connections are closed at the end."""
    settings = settings or Settings()
    sender = Sender.parse(settings.mail_from)
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
        limits=SmtpLimits(
            connect=settings.smtp_connect_limit,
            greeting=settings.smtp_greeting_limit,
            command=settings.smtp_command_limit,
            data=settings.smtp_data_limit,
            block=settings.smtp_block_limit,
            end=settings.smtp_end_limit,
        ),
    )
    async with Database.open(settings.postgres) as database:
        smtp = SmtpPool(server, sender.address, settings.smtp_connections)
        mail_sender = MailSender(
            database,
            smtp,
            MailTemplates(read_texts(), sender, settings.portal_origin),
            KeyRing.read(settings.code_keys.get_secret_value),
            timedelta(seconds=settings.send_lease),
        )
        yield Service(
            name="notifier",
            http=create_http(),
            listen=settings.http,
            database=database,
            consumer=create_consumer(settings.kafka, database, mail_sender.wake),
            relay=Relay(settings.kafka, database, "notifier"),
            timers=(mail_sender.run, *create_timers(database)),
            timers_not_ready=smtp.why_not_ready,
        )
