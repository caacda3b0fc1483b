"""The secret keys of the service."""

from dataclasses import dataclass

from identity.domain.limits import Buckets
from newsreel_runtime.keyring import KeyRing


@dataclass(frozen=True)
class Keys:
    """For codes, for the names of the limits of addresses, for the links in newsletters, for sessions."""

    codes: KeyRing
    buckets: Buckets
    unsubscribe: KeyRing
    sessions: KeyRing
