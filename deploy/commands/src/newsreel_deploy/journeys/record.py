"""What happened to the people: each request's duration, each failure, each registration."""

import statistics
import time
from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Failure:
    """A request that was not answered as it should. `at` is seconds since the epoch."""

    at: float
    journey: str
    step: str
    what: str

    def __str__(self) -> str:
        moment = time.strftime("%H:%M:%S", time.gmtime(self.at))
        return f"{moment}.{int(self.at * 1000) % 1000:03} {self.journey}, {self.step}: {self.what}"


@dataclass(frozen=True)
class Figures:
    """Counts of a span of time; durations in milliseconds."""

    requests: int
    failures: int
    registrations: int
    median: float
    slowest: float

    def __str__(self) -> str:
        return (
            f"{self.requests:6} requests {self.failures:4} failed {self.registrations:5} registrations"
            f" {self.median:7.1f} ms median {self.slowest:8.1f} ms slowest"
        )


@dataclass
class Record:
    """Grows while people are about; times are seconds since the epoch."""

    requests: list[tuple[float, float]] = field(default_factory=list)
    """When each was answered, and after how many seconds."""
    failures: list[Failure] = field(default_factory=list)
    registrations: dict[str, float] = field(default_factory=dict)
    """Addresses whose registration was answered, and when."""

    def between(self, begin: float, end: float) -> Figures:
        """The figures from `begin` until before `end`."""
        durations = [took * 1000 for at, took in self.requests if begin <= at < end]
        return Figures(
            requests=len(durations),
            failures=sum(begin <= failure.at < end for failure in self.failures),
            registrations=sum(begin <= at < end for at in self.registrations.values()),
            median=statistics.median(durations) if durations else 0.0,
            slowest=max(durations, default=0.0),
        )


@dataclass(frozen=True)
class Mails:
    """Addresses that got no mail for their registration, or more than one."""

    lost: list[str]
    doubled: list[str]

    @classmethod
    def of(cls, registrations: Record, arrived: Counter[str]) -> "Mails":
        """Compare what was promised with what arrived, by address."""
        addresses = registrations.registrations
        return cls(
            lost=[address for address in addresses if arrived[address] == 0],
            doubled=[address for address in addresses if arrived[address] > 1],
        )
