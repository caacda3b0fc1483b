"""Argon2id (RFC 9106) at the OWASP floor of 19 MiB, two passes, one lane: 22 ms, off the loop."""

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from identity.domain.password import normalised

_hasher = PasswordHasher(
    time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID
)

# Of a stored hash, whoever wrote it. The default of the libraries that accounts may come from (argon2-cffi,
# fastapi-users) is 64 MiB, three passes, four lanes: some 0.2 s of a thread.
_MOST = {"memory_cost": 64 * 1024, "time_cost": 4, "parallelism": 4}

# Verified when there is no account or no password, so that this takes as long as a wrong password.
# No password is known for it.
DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$4ya00QCbr6Nk9T2w3zZumg$RojuMfuYX/NIv+NQXnhdS58PBqI0GeVAIa/psMrDTV8"


def hash_password(password: str) -> str:
    """The PHC string of the normalised password."""
    return _hasher.hash(normalised(password))


def matches(password_hash: str, password: str) -> bool:
    """Whether it is the hash of that password; one that costs more than `_MOST` is not run."""
    try:
        cost = extract_parameters(password_hash)
        if any(getattr(cost, name) > most for name, most in _MOST.items()):
            return False
        return _hasher.verify(password_hash, normalised(password))
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)
