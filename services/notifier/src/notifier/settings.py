"""The notifier's settings; the same names in the local stack, compose and Kubernetes."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from newsreel_runtime.settings import (
    Http,
    Kafka,
    KeyRingText,
    Origin,
    Postgres,
    SettingsGroup,
    settings_config,
)
from notifier.domain.schedule import Schedule
from notifier.domain.sender import Sender
from notifier.outbound_smtp import SmtpLimits, SmtpServer

Seconds = Annotated[float, Field(gt=0, le=3600)]


def _sender(text: str) -> str:
    Sender.parse(text)
    return text


def _schedule(text: str) -> str:
    Schedule.parse(text)
    return text


SenderText = Annotated[str, AfterValidator(_sender)]
ScheduleText = Annotated[str, AfterValidator(_schedule)]


class NewsletterSettings(SettingsGroup):
    """The settings of `newsreel newsletter`."""

    model_config = settings_config("NEWSREEL_NOTIFIER_")

    postgres: Postgres = Field(default_factory=Postgres)
    newsletter: ScheduleText = Field(
        default="daily 06:00 UTC",
        description="`daily 06:00 Europe/Brussels`, `monday 06:00 Europe/Brussels`, or `never`.",
    )
    mail_from: SenderText = Field(
        description="`Newsreel <no-reply@example.org>`; its domain is that of Message-IDs and EHLO."
    )
    portal_origin: Origin = Field(description="Where the links in mails lead.")


class Settings(NewsletterSettings):
    """All that the notifier is told from outside."""

    kafka: Kafka = Field(default_factory=Kafka)
    http: Http = Field(default_factory=Http)

    code_keys: KeyRingText = Field(
        validation_alias="NEWSREEL_CODE_KEYS",
        description="`k1:<64 hex>[,k0:<64 hex>]`, the same as identity's.",
    )
    unsubscribe_keys: KeyRingText = Field(
        validation_alias="NEWSREEL_UNSUBSCRIBE_KEYS",
        description="The same as identity's: for the links that end a subscription.",
    )
    newsletter_connections: int = Field(
        default=2, ge=1, le=100, description="To the mail server, beside those for codes."
    )
    recall_connections: int = Field(
        default=2, ge=1, le=100, description="To the mail server, for recalls, beside the others."
    )
    smtp_host: str = Field(description="The mail server (a relay, not the recipients' own).")
    smtp_port: int = Field(ge=1, le=65535)
    smtp_tls: Literal["none", "starttls", "implicit"] = Field(
        default="starttls", description="`none` is for a server on the same machine only."
    )
    smtp_user: str | None = Field(default=None, description="Absent: no AUTH.")
    smtp_password: SecretStr | None = None
    smtp_connections: int = Field(default=8, ge=1, le=100, description="Kept open at most.")
    smtp_connect_limit: Seconds = Field(default=30.0, description="For a TCP connection.")
    smtp_greeting_limit: Seconds = Field(default=300.0, description="For the server's first line.")
    smtp_command_limit: Seconds = Field(default=300.0, description="For EHLO, STARTTLS, AUTH, MAIL, RCPT.")
    smtp_data_limit: Seconds = Field(default=120.0, description="For the answer to DATA.")
    smtp_block_limit: Seconds = Field(default=180.0, description="For sending a block of the mail.")
    smtp_end_limit: Seconds = Field(default=600.0, description="For the answer to the whole mail.")
    send_lease: float = Field(
        default=60.0,
        ge=1,
        le=600,
        description="Seconds until a dead sender's mails are sent again; a living one renews its leases.",
    )

    @property
    def mail_server(self) -> SmtpServer:
        """Where mails are handed over."""
        return SmtpServer(
            host=self.smtp_host,
            port=self.smtp_port,
            tls=self.smtp_tls,
            user=self.smtp_user,
            password=self.smtp_password,
            limits=SmtpLimits(
                connect=self.smtp_connect_limit,
                greeting=self.smtp_greeting_limit,
                command=self.smtp_command_limit,
                data=self.smtp_data_limit,
                block=self.smtp_block_limit,
                end=self.smtp_end_limit,
            ),
        )
