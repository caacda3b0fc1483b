"""Argon2id (RFC 9106) at the OWASP floor of 19 MiB, two passes, one lane: 22 ms, off the loop.

With a pepper the password goes through HMAC-SHA256 under a key outside of the database first: whoever has the
rows alone cannot even begin to guess (NIST SP 800-63B-4 §3.1.1.2).
"""

import hmac
from dataclasses import dataclass, field

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from identity.domain.password import normalised
from newsreel_runtime.keyring import KeyRing

_hasher = PasswordHasher(
    time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)

# Of a stored hash, whoever wrote it. The default of the libraries that accounts may come from (argon2-cffi,
# fastapi-users) is 64 MiB, three passes, four lanes: some 0.2 s of a thread.
_MOST = {"memory_cost": 64 * 1024, "time_cost": 4, "parallelism": 4}

# Verified when there is no account or no password, so that this takes as long as a wrong password.
# No password is known for it.
DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$4ya00QCbr6Nk9T2w3zZumg$RojuMfuYX/NIv+NQXnhdS58PBqI0GeVAIa/psMrDTV8"


@dataclass(frozen=True)
class PasswordHash:
    """A PHC string, and the id of the pepper's key that the password went through before, if any."""

    phc: str = field(repr=False)
    key_id: str | None = None


def hash_password(password: str, pepper: KeyRing | None = None) -> PasswordHash:
    """The hash of the normalised password, under the current key of the pepper if there is one."""
    key_id, key = (None, None) if pepper is None else pepper.current
    return PasswordHash(_hasher.hash(_peppered(password, key)), key_id)


def matches(phc: str, password: str, key: bytes | None = None) -> bool:
    """Whether it is the hash of that password; one that costs more than `_MOST` is not run."""
    try:
        cost = extract_parameters(phc)
        if any(getattr(cost, name) > most for name, most in _MOST.items()):
            return False
        return _hasher.verify(phc, _peppered(password, key))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(phc: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(phc)


def _peppered(password: str, key: bytes | None) -> bytes:
    text = normalised(password).encode()
    return text if key is None else hmac.digest(key, text, "sha256")
