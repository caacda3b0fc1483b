"""What the notifier publishes: what became of a mail. No address."""

from typing import Annotated, ClassVar

from newsreel_events.data import EventData
from newsreel_events.values import Id, Known, Positive, Time

MAIL = "notifier.mail.v1"
NOTICE = "notifier.notice.v1"


class _Mail(EventData):
    topic: ClassVar[str] = MAIL
    reference_id: Id
    generation: Positive
    kind: Annotated[
        str,
        Known(
            "signup_code",
            "reset_code",
            "address_code",
            "address_taken",
            "no_account",
            "password_changed",
            "address_wanted",
            "address_changed",
            "recall",  # promised once, and never said: `NoticeMailedV1` took its place before a release
        ),
    ]
    occurred_at: Time

    @property
    def key(self) -> str:
        return str(self.reference_id)


class MailAcceptedV1(_Mail):
    """The mail server took the mail (SMTP 250 after DATA) at `occurred_at`."""

    type: ClassVar[str] = "newsreel.notifier.mail.accepted.v1"


class MailDelayedV1(_Mail):
    """The mail server did not take it yet; it is tried again until it expires."""

    type: ClassVar[str] = "newsreel.notifier.mail.delayed.v1"


class MailBouncedV1(_Mail):
    """The mail will never reach its recipient."""

    type: ClassVar[str] = "newsreel.notifier.mail.bounced.v1"
    reason: (
        Annotated[
            str,
            Known(
                "mailbox",
                "address",
                "smtputf8",
                "unreachable",  # as `recall`
                about="`mailbox`: there is none, or it is closed or full. `address`: it cannot be mailed. "
                "`smtputf8`: the mail server takes no letters outside ASCII.",
            ),
        ]
        | None
    ) = None


class MailExpiredV1(_Mail):
    """The time to send it passed; it was not sent."""

    type: ClassVar[str] = "newsreel.notifier.mail.expired.v1"


class NoticeMailedV1(EventData):
    """What became of the mail to which the notice of a recall led."""

    type: ClassVar[str] = "newsreel.notifier.notice.mailed.v1"
    topic: ClassVar[str] = NOTICE
    notice_id: Id
    outcome: Annotated[
        str,
        Known(
            "accepted",
            "delayed",
            "bounced",
            "expired",
            "unreachable",
            about="As the events of `notifier.mail.v1`. `unreachable`: nothing was sent, as no address is "
            "known, or the mail server refused it for good before.",
        ),
    ]
    occurred_at: Time

    @property
    def key(self) -> str:
        return str(self.notice_id)
