"""Everything that identity publishes: one function per event, into the outbox of the open transaction."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from identity.domain.account import Account
from identity.domain.challenge import NOTICE_LIFE, Challenge, Generation
from identity.domain.client import Client
from newsreel_events.identity import (
    ACCOUNT,
    CONTACT,
    AccountDeletedV1,
    AccountNewsletterSubscribedV1,
    AccountNewsletterUnsubscribedV1,
    AccountPasswordChangedV1,
    AccountRegisteredV1,
    AccountRepublishedV1,
    AccountRestoredV1,
    AccountRolesChangedV1,
    AccountSessionsEndedV1,
    AccountStateV1,
    AccountSuspendedV1,
    AccountVerifiedV1,
    AddressChangedNoticedV1,
    AddressCodeRequestedV1,
    AddressTakenNoticedV1,
    AddressWantedNoticedV1,
    ContactChangedV1,
    NoAccountNoticedV1,
    PasswordChangedNoticedV1,
    ResetCodeRequestedV1,
    SignupCodeRequestedV1,
)
from newsreel_runtime.transaction import Tx

_CODES = {"signup": SignupCodeRequestedV1, "reset": ResetCodeRequestedV1, "address": AddressCodeRequestedV1}
_NOTICES = {"signup": AddressTakenNoticedV1, "reset": NoAccountNoticedV1, "address": AddressWantedNoticedV1}


def _state(account: Account) -> AccountStateV1:
    return AccountStateV1(
        account_id=account.account_id,
        status=account.status,
        roles=account.roles,
        sessions_valid_after=account.sessions_valid_after,
        newsletter=account.newsletter,
    )


def account_registered(tx: Tx, account: Account) -> None:
    """Somebody asked for an account with a new address."""
    tx.emit(AccountRegisteredV1(account=_state(account)))


def account_verified(tx: Tx, account: Account) -> None:
    """The address is proven; the notifier learns how to reach the account."""
    tx.emit(AccountVerifiedV1(account=_state(account)))
    contact_changed(tx, account)


def password_changed(tx: Tx, account: Account, change_id: UUID, at: datetime) -> None:
    """A new password: every older session is dead, and the owner is told (NIST SP 800-63B-4 §4.6).

    `change_id` names the notice: the challenge of the reset, or an id of its own.
    """
    tx.emit(AccountPasswordChangedV1(account=_state(account)))
    tx.emit(
        PasswordChangedNoticedV1(
            reference_id=change_id,
            generation=1,
            address=account.address,
            locale=account.locale,
            requested_at=at,
            send_before=at + NOTICE_LIFE,
        )
    )


def address_changed(tx: Tx, account: Account, former: str | None, change_id: UUID, at: datetime) -> None:
    """Another address, newsletters included: every session until now is dead, and the former one is told.

    `change_id` names the notice: the challenge that proved the new address. None: only the spelling is new.
    """
    sessions_ended(tx, account)
    contact_changed(tx, account)
    if former is None:
        return
    tx.emit(
        AddressChangedNoticedV1(
            reference_id=change_id,
            generation=1,
            address=former,
            locale=account.locale,
            requested_at=at,
            send_before=at + NOTICE_LIFE,
        )
    )


def sessions_ended(tx: Tx, account: Account) -> None:
    """The person signed out everywhere, or an operator did so; or the address was changed."""
    tx.emit(AccountSessionsEndedV1(account=_state(account)))


def account_suspended(tx: Tx, account: Account) -> None:
    """An operator took the account's access away; no newsletter goes there meanwhile."""
    tx.emit(AccountSuspendedV1(account=_state(account)))
    contact_changed(tx, account)


def account_restored(tx: Tx, account: Account) -> None:
    """An operator gave it back."""
    tx.emit(AccountRestoredV1(account=_state(account)))
    contact_changed(tx, account)


def roles_changed(tx: Tx, account: Account) -> None:
    """An operator gave or took roles."""
    tx.emit(AccountRolesChangedV1(account=_state(account)))


def account_deleted(tx: Tx, account: Account) -> None:
    """The account is gone, and with it everything that the bus keeps of it."""
    tx.emit(AccountDeletedV1(account=_state(replace(account, status="deleted"))))
    for topic in (ACCOUNT, CONTACT):
        tx.tombstone(topic, str(account.account_id))


def client_tokens_ended(tx: Tx, client: Client) -> None:
    """Tokens of a client until now are dead: verifiers know its id as an account's."""
    tx.emit(AccountSessionsEndedV1(account=_client_state(client)))


def client_deleted(tx: Tx, client: Client, at: datetime) -> None:
    """A client is gone, and what it was granted."""
    state = _client_state(client).model_copy(update={"status": "deleted", "sessions_valid_after": at})
    tx.emit(AccountDeletedV1(account=state))
    tx.tombstone(ACCOUNT, str(client.client_id))


def _client_state(client: Client) -> AccountStateV1:
    return AccountStateV1(
        account_id=client.client_id, status="active", sessions_valid_after=client.tokens_valid_after
    )


def account_republished(tx: Tx, account: Account) -> None:
    """The account as it is; a deleted one has no state."""
    if account.status == "deleted":
        tx.tombstone(ACCOUNT, str(account.account_id))
    else:
        tx.emit(AccountRepublishedV1(account=_state(account)))


def contact_republished(tx: Tx, account: Account) -> None:
    """How to reach the account; an address that is not proven was never said."""
    if account.status == "deleted":
        tx.tombstone(CONTACT, str(account.account_id))
    elif account.status != "unverified":
        contact_changed(tx, account)


def newsletter_changed(tx: Tx, account: Account) -> None:
    """The person joined or left the newsletter."""
    event = AccountNewsletterSubscribedV1 if account.newsletter else AccountNewsletterUnsubscribedV1
    tx.emit(event(account=_state(account)))
    contact_changed(tx, account)


def contact_changed(tx: Tx, account: Account) -> None:
    """How to reach the account now. Private."""
    tx.emit(
        ContactChangedV1(
            account_id=account.account_id,
            address=account.address,
            name=account.name,
            locale=account.locale,
            newsletter=account.newsletter and account.status == "active",
        )
    )


def mail_requested(tx: Tx, challenge: Challenge, code: Generation, *, is_long: bool) -> None:
    """The mail that answers a challenge: its code, or for a decoy the notice to the address's owner."""
    mail: dict[str, Any] = {
        "generation": code.number,
        "address": challenge.address,
        "locale": challenge.locale,
        "requested_at": code.requested_at,
        "send_before": code.send_before,
    }
    if challenge.is_decoy:
        tx.emit(_NOTICES[challenge.purpose](reference_id=challenge.challenge_id, **mail))
    else:
        form = "long" if is_long else "short"
        request = _CODES[challenge.purpose]
        tx.emit(request(challenge_id=challenge.challenge_id, kid=code.kid, form=form, **mail))
