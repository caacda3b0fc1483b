"""What identity publishes: accounts (public), codes and contacts (private, for the notifier alone)."""

from typing import Annotated, ClassVar

from pydantic import Field

from newsreel_events.data import EventData, Part
from newsreel_events.values import Flag, Id, Known, Language, Positive, Time

ACCOUNT = "identity.account.v1"
CODE = "identity.code.v1"
CONTACT = "identity.contact.v1"


class AccountStateV1(Part):
    """The whole public state of an account after the event. No personal data."""

    account_id: Id
    status: Annotated[str, Known("unverified", "active", "suspended", "deleted")]
    roles: tuple[str, ...] = Field(
        (), description="`editor`, `press-office`, `operator`, and what a later version knows."
    )
    sessions_valid_after: Time = Field(description="A session that began at or before this is dead.")
    newsletter: Flag = False


class _Account(EventData):
    topic: ClassVar[str] = ACCOUNT
    account: AccountStateV1

    @property
    def key(self) -> str:
        return str(self.account.account_id)


class AccountRegisteredV1(_Account):
    """Somebody asked for an account; the address is not proven yet."""

    type: ClassVar[str] = "newsreel.identity.account.registered.v1"


class AccountVerifiedV1(_Account):
    """The address was proven by its code: the account is active."""

    type: ClassVar[str] = "newsreel.identity.account.verified.v1"


class AccountPasswordChangedV1(_Account):
    """A new password was set; every older session is dead."""

    type: ClassVar[str] = "newsreel.identity.account.password-changed.v1"


class AccountSessionsEndedV1(_Account):
    """Signed out everywhere by the person or an operator, or the address was changed: every session until now
    is dead."""

    type: ClassVar[str] = "newsreel.identity.account.sessions-ended.v1"


class AccountSuspendedV1(_Account):
    """An operator suspended it: every session until now is dead, and none begins until it is restored."""

    type: ClassVar[str] = "newsreel.identity.account.suspended.v1"


class AccountRestoredV1(_Account):
    """An operator restored a suspended account: it may sign in again; older sessions stay dead."""

    type: ClassVar[str] = "newsreel.identity.account.restored.v1"


class AccountRolesChangedV1(_Account):
    """An operator gave or took roles: sessions until now are dead, new ones have the new roles."""

    type: ClassVar[str] = "newsreel.identity.account.roles-changed.v1"


class AccountDeletedV1(_Account):
    """The account is gone: closed, deleted, or never proven. A tombstone of its key follows."""

    type: ClassVar[str] = "newsreel.identity.account.deleted.v1"


class AccountNewsletterSubscribedV1(_Account):
    """The person pressed the newsletter button."""

    type: ClassVar[str] = "newsreel.identity.account.newsletter-subscribed.v1"


class AccountNewsletterUnsubscribedV1(_Account):
    """The person left the newsletter."""

    type: ClassVar[str] = "newsreel.identity.account.newsletter-unsubscribed.v1"


class AccountRepublishedV1(_Account):
    """Nothing happened: the state as it is, once more, for a bus that had lost it."""

    type: ClassVar[str] = "newsreel.identity.account.republished.v1"


class _Mail(EventData):
    topic: ClassVar[str] = CODE
    generation: Positive = Field(description="The n-th mail of its reference.")
    address: str = Field(max_length=254)
    locale: Language
    requested_at: Time
    send_before: Time = Field(description="Never handed to the mail server after this.")


class _Code(_Mail):
    challenge_id: Id
    kid: str = Field(max_length=32, description="The key the code is derived with; the code is not here.")
    form: Annotated[
        str,
        Known("short", "long", about="Eight digits, or 26 letters and digits for an address under pressure."),
    ] = "short"

    @property
    def key(self) -> str:
        return str(self.challenge_id)


class SignupCodeRequestedV1(_Code):
    """A sign-up code is to be mailed. Private: carries the address."""

    type: ClassVar[str] = "newsreel.identity.code.signup-requested.v1"


class ResetCodeRequestedV1(_Code):
    """A password reset code is to be mailed. Private: carries the address."""

    type: ClassVar[str] = "newsreel.identity.code.reset-requested.v1"


class AddressCodeRequestedV1(_Code):
    """The code that proves an account's new address is to be mailed there. Private: carries the address."""

    type: ClassVar[str] = "newsreel.identity.code.address-requested.v1"


class _Notice(_Mail):
    reference_id: Id = Field(description="The challenge that this notice answers.")

    @property
    def key(self) -> str:
        return str(self.reference_id)


class AddressTakenNoticedV1(_Notice):
    """Somebody tried to register an address that has an account: its owner is told."""

    type: ClassVar[str] = "newsreel.identity.code.address-taken-noticed.v1"


class NoAccountNoticedV1(_Notice):
    """A reset was asked for an address without an account: its owner is told."""

    type: ClassVar[str] = "newsreel.identity.code.no-account-noticed.v1"


class PasswordChangedNoticedV1(_Notice):
    """The password was changed: the owner is told (NIST SP 800-63B, notification of recovery)."""

    type: ClassVar[str] = "newsreel.identity.code.password-changed-noticed.v1"


class AddressWantedNoticedV1(_Notice):
    """Somebody wants this address for an account and it belongs to another: its owner is told."""

    type: ClassVar[str] = "newsreel.identity.code.address-wanted-noticed.v1"


class AddressChangedNoticedV1(_Notice):
    """The account has another address now: the former one, to which this goes, is told."""

    type: ClassVar[str] = "newsreel.identity.code.address-changed-noticed.v1"


class ContactChangedV1(EventData):
    """How to reach an account. Private; a tombstone erases it."""

    type: ClassVar[str] = "newsreel.identity.contact.changed.v1"
    topic: ClassVar[str] = CONTACT
    account_id: Id
    address: str = Field(max_length=254)
    name: str | None = Field(
        None, max_length=100, description="How the person wants to be called, if it was said."
    )
    locale: Language
    newsletter: Flag

    @property
    def key(self) -> str:
        return str(self.account_id)
