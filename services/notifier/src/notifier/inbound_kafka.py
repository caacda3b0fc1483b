"""What comes in from the bus: requests for mail, and contacts. A handler only writes its row."""

from collections.abc import Callable
from uuid import UUID

from newsreel_events import Envelope
from newsreel_events.identity import (
    CONTACT,
    AddressTakenNoticedV1,
    ContactChangedV1,
    NoAccountNoticedV1,
    PasswordChangedNoticedV1,
    ResetCodeRequestedV1,
    SignupCodeRequestedV1,
)
from newsreel_runtime.clock import now
from newsreel_runtime.consumer.consumer import Consumer
from newsreel_runtime.failpoints import fail_point
from newsreel_runtime.telemetry import current_traceparent
from newsreel_runtime.transaction import Tx
from notifier.domain.mail import Kind, MailRequest
from notifier.usecases.erase_contact import erase_contact
from notifier.usecases.queue_mail import queue_mail
from notifier.usecases.save_contact import save_contact

CodeRequest = SignupCodeRequestedV1 | ResetCodeRequestedV1
Notice = AddressTakenNoticedV1 | NoAccountNoticedV1 | PasswordChangedNoticedV1


class Inbound:
    """The handlers of the group `notifier`. `on_mail` is called after a commit that queued mail."""

    def __init__(self, on_mail: Callable[[], None]) -> None:
        self._on_mail = on_mail
        self._queued = False

    def subscribe(self, consumer: Consumer) -> None:
        """Take every event that the notifier acts on."""
        consumer.on(SignupCodeRequestedV1, self.on_signup_code)
        consumer.on(ResetCodeRequestedV1, self.on_reset_code)
        consumer.on(AddressTakenNoticedV1, self.on_address_taken)
        consumer.on(NoAccountNoticedV1, self.on_no_account)
        consumer.on(PasswordChangedNoticedV1, self.on_password_changed)
        consumer.on(ContactChangedV1, self.on_contact)
        consumer.on_tombstone(CONTACT, self.on_contact_gone)
        consumer.after_commit(self.committed)

    async def on_signup_code(self, tx: Tx, event: SignupCodeRequestedV1, _: Envelope) -> None:
        """A code that proves a new account's address."""
        await self._queue(tx, _code("signup_code", event))

    async def on_reset_code(self, tx: Tx, event: ResetCodeRequestedV1, _: Envelope) -> None:
        """A code that allows a new password."""
        await self._queue(tx, _code("reset_code", event))

    async def on_address_taken(self, tx: Tx, event: AddressTakenNoticedV1, _: Envelope) -> None:
        """The owner learns that somebody tried to register the address again."""
        await self._queue(tx, _notice("address_taken", event))

    async def on_no_account(self, tx: Tx, event: NoAccountNoticedV1, _: Envelope) -> None:
        """The owner learns that a reset was asked for without an account."""
        await self._queue(tx, _notice("no_account", event))

    async def on_password_changed(self, tx: Tx, event: PasswordChangedNoticedV1, _: Envelope) -> None:
        """The owner learns of the new password."""
        await self._queue(tx, _notice("password_changed", event))

    async def on_contact(self, tx: Tx, event: ContactChangedV1, envelope: Envelope) -> None:
        """The newest way to reach an account is kept."""
        await save_contact(
            tx,
            event.account_id,
            event.address,
            event.locale,
            newsletter=event.newsletter,
            changed_at=envelope.time,
        )

    async def on_contact_gone(self, tx: Tx, key: str) -> None:
        """A tombstone: the account's address is erased."""
        await erase_contact(tx, UUID(key))

    def committed(self) -> None:
        """Wake the sender, unless the transaction was about contacts alone."""
        if self._queued:
            self._queued = False
            fail_point("mail.queued")
            self._on_mail()

    async def _queue(self, tx: Tx, request: MailRequest) -> None:
        await queue_mail(tx, request, now(), current_traceparent())
        self._queued = True


def _code(kind: Kind, event: CodeRequest) -> MailRequest:
    return MailRequest(
        reference_id=event.challenge_id,
        kind=kind,
        generation=event.generation,
        kid=event.kid,
        address=event.address,
        locale=event.locale,
        send_before=event.send_before,
    )


def _notice(kind: Kind, event: Notice) -> MailRequest:
    return MailRequest(
        reference_id=event.reference_id,
        kind=kind,
        generation=event.generation,
        kid=None,
        address=event.address,
        locale=event.locale,
        send_before=event.send_before,
    )
