"""A line of the doctor's: what was looked at, and what is wrong with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`said` is what was found; `mend` is set when it is wrong, and says what to do."""

    what: str
    said: str
    mend: str | None = None

    def __str__(self) -> str:
        state = "ok   " if self.mend is None else "WRONG"
        return f"{state}  {self.what:<12} {self.said}" + (f": {self.mend}" if self.mend else "")
