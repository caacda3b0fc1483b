"""The secret keys of the service."""

from dataclasses import dataclass

from identity.domain.limits import Buckets
from newsreel_runtime.keyring import KeyRing


@dataclass(frozen=True)
class Keys:
    """What codes are derived with, and what names the limits of addresses."""

    codes: KeyRing
    buckets: Buckets
