"""Which fault comes when: all of it follows from the seed."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FAILPOINTS = {
    "relay": (("relay.fetched", 20), ("relay.acknowledged", 20)),
    "consumer": (
        ("consumer.applied", 10),
        ("consumer.committed", 10),
        ("parking.held", 1),
        ("parking.sent", 1),
    ),
}
_ARMED = 0.6  # of the processes that start after a kill, where there are fail points


@dataclass(frozen=True)
class Step:
    """One fault: `after` seconds; `chance` (0 to 1) decides what else there is to decide.

    `armed` is the fail point (`name:count`) at which the next process of the killed process ends by itself.
    """

    number: int
    kind: str
    after: float
    chance: float
    armed: str | None

    def __str__(self) -> str:
        """As it is printed, for whoever repeats it."""
        words = f"{self.number} {self.kind} after {self.after:.3f} s, chance {self.chance:.3f}"
        return f"{words}, next process ends at {self.armed}" if self.armed else words


def steps(seed: int, weights: Mapping[str, int]) -> Iterator[Step]:
    """Without an end: each kind once, shuffled, then by weight."""
    chance = random.Random(seed)
    kinds = list(weights)
    first = chance.sample(kinds, len(kinds))
    number = 0
    while True:
        kind = first[number] if number < len(first) else chance.choices(kinds, [*weights.values()])[0]
        number += 1
        yield Step(number, kind, chance.uniform(0, 0.6), chance.random(), _armed(chance, kind))


def _armed(chance: random.Random, kind: str) -> str | None:
    points = _FAILPOINTS.get(kind, ())
    if not points or chance.random() > _ARMED:
        return None
    name, most = chance.choice(points)
    return f"{name}:{chance.randint(1, most)}"
