"""What may lie where, and why: all else that is found is a leak, and an allowance without use is wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from newsreel_testing.secrecy.forms import Kind
from newsreel_testing.secrecy.search import Found


@dataclass(frozen=True)
class Allowance:
    """One kind of secret may lie in one place."""

    kind: Kind
    where: str
    reason: str


_MAIL = "the mail is for the person alone"
_CODE, _CONTACT = "identity.code.v1", "identity.contact.v1"
_PRIVATE = "private: nobody but the notifier, which writes to the person, may read it"
_OWN = "the service that has to know it"
_NAME = "a ticket is the name of a grant: it opens nothing without its account's session or access token"
ALLOWANCES = (
    Allowance("code", "mails", _MAIL),
    Allowance("unsubscribe token", "mails", _MAIL),
    Allowance("address", "mails", _MAIL),
    Allowance("address", f"topic {_CODE}", _PRIVATE),
    Allowance("address", f"topic {_CONTACT}", _PRIVATE),
    Allowance("address", f"outbox of {_CODE}", _PRIVATE),
    Allowance("address", f"outbox of {_CONTACT}", _PRIVATE),
    Allowance("address", "table identity.account", _OWN),
    Allowance("address", "table identity.challenge", _OWN),
    Allowance("address", "table notifier.contact", _OWN),
    Allowance("ticket", "table delivery.download_grant", _NAME),
    Allowance("ticket", "table delivery.audit_record", _NAME),
    Allowance("ticket", "table delivery.bearer_ticket", _NAME),
    Allowance("ticket", "table delivery.download_refusal", _NAME),
    Allowance("ticket", "topic delivery.download.v1", _NAME),
    Allowance("ticket", "outbox of delivery.download.v1", _NAME),
    Allowance("ticket", "log edge-access", "which grant a file was sent for, for whoever looks into abuse"),
)


def judged(
    found: Iterable[Found], allowances: Sequence[Allowance] = ALLOWANCES
) -> tuple[list[Found], list[Allowance]]:
    """What was found without being allowed, and the allowances that nobody used."""
    unused = {(allowance.kind, allowance.where): allowance for allowance in allowances}
    allowed = frozenset(unused)
    leaks = []
    for hit in found:
        key = (hit.secret.kind, hit.where)
        if key in allowed:
            unused.pop(key, None)
        else:
            leaks.append(hit)
    return leaks, list(unused.values())
