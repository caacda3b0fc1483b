"""Argon2id (RFC 9106) at the OWASP floor of 19 MiB, two passes, one lane: 22 ms, off the loop."""

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from identity.domain.password import normalised

_hasher = PasswordHasher(
    time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)

# Verified when there is no account or no password, so that this takes as long as a wrong password.
# No password is known for it.
DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$4ya00QCbr6Nk9T2w3zZumg$RojuMfuYX/NIv+NQXnhdS58PBqI0GeVAIa/psMrDTV8"


def hash_password(password: str) -> str:
    """The PHC string of the normalised password."""
    return _hasher.hash(normalised(password))


def matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, normalised(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)
