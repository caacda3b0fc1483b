"""What a password must be, as identity publishes it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PasswordRule:
    """Lengths in code points; `requires` and `refuses` are open lists of names."""

    min_length: int
    max_length: int
    requires: tuple[str, ...]
    refuses: tuple[str, ...]
