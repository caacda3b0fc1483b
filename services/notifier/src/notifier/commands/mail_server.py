"""What `newsreel doctor` says of the mail server: no mail is sent."""

from newsreel_runtime.doctor.finding import Finding
from notifier.domain.sender import Sender
from notifier.outbound_smtp import SmtpPool
from notifier.settings import Settings


async def look_at_mail_server(settings: Settings) -> list[Finding]:
    """Connect, greet, and log in as the sender does."""
    place = f"{settings.smtp_host}:{settings.smtp_port}, TLS {settings.smtp_tls}"
    failure = await SmtpPool(settings.mail_server, Sender.parse(settings.mail_from).address).greet()
    if failure is None:
        return [Finding("mail server", place)]
    return [Finding("mail server", f"{place}: {failure}", "docs/runbooks/mail.md has this line")]
