"""What Kafka refused, and what is held back meanwhile: the key of a refused row, or a topic as a whole.

While a key is held, none of its rows leaves: the refused one stays the first. It is tried again after a
pause, alone in its batch, and is dead after the last try. A topic that is refused kills no row: it is tried
again, with growing pauses, until somebody has made it or granted the right to it.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsreel_runtime.outbox import OutboxRow
from newsreel_runtime.publisher.outbox_dead import Refused

PAUSES = (0.1, 0.25, 0.5, 1.0)  # seconds before the second, third … try
_TOPIC_PAUSES = (
    0.25,
    0.5,
    1.0,
    2.0,
)  # seconds; capped so that we notice soon that a topic takes events again
_log = logging.getLogger(__name__)


@dataclass
class _Held:
    seq: int
    attempts: int
    until: float
    released: bool = False  # the pause is over: rows may be read again, starting with the refused one


@dataclass
class _HeldTopic:
    reason: str
    attempts: int
    until: float
    released: bool = False


class Refusals:
    """The held keys of one relay. `clock` is monotonic seconds."""

    def __init__(self, clock: Callable[[], float], pauses: Sequence[float] = PAUSES) -> None:
        self._clock = clock
        self._pauses = pauses
        self._held: dict[tuple[str, str], _Held] = {}
        self._topics: dict[str, _HeldTopic] = {}
        self.dead: list[Refused] = []

    def note(self, row: OutboxRow, reason: str) -> None:
        """Kafka refused `row`, alone: hold its key, or give the row up after the last try."""
        place = row.topic, row.key
        held = self._held.get(place)
        attempts = held.attempts + 1 if held is not None and held.seq == row.seq else 1
        if attempts > len(self._pauses):
            self._held[place] = _Held(row.seq, attempts, float("inf"))
            self.dead.append(Refused(row.seq, reason, attempts))
        else:
            self._held[place] = _Held(row.seq, attempts, self._clock() + self._pauses[attempts - 1])

    def hold_topic(self, topic: str, reason: str) -> None:
        """Kafka takes nothing for `topic`: its rows wait for the next try."""
        held = self._topics.get(topic)
        if held is None or held.reason != reason:
            _log.error("events of %s wait, Kafka refuses them: %s", topic, reason)
        attempts = held.attempts + 1 if held is not None else 1
        seconds = _TOPIC_PAUSES[min(attempts, len(_TOPIC_PAUSES)) - 1]
        self._topics[topic] = _HeldTopic(reason, attempts, self._clock() + seconds)

    def topic_takes(self, topic: str) -> None:
        """A batch was acknowledged: the topic waits no longer."""
        if self._topics and self._topics.pop(topic, None) is not None:
            _log.info("events of %s are sent again", topic)

    @property
    def refused_topics(self) -> dict[str, str]:
        return {topic: held.reason for topic, held in self._topics.items()}

    def withheld_topics(self) -> list[str]:
        """The topics to leave out of the read that follows; those whose pause is over are read again."""
        now = self._clock()
        for held in self._topics.values():
            held.released = held.released or held.until <= now
        return [topic for topic, held in self._topics.items() if not held.released]

    def suspected(self, row: OutboxRow) -> bool:
        """Whether a row of its key was refused before: it travels alone."""
        return (row.topic, row.key) in self._held

    def blocks(self, row: OutboxRow) -> bool:
        """Whether `row` was read before its key or topic was held, and must not be sent now."""
        waiting = self._topics.get(row.topic), self._held.get((row.topic, row.key))
        return any(held is not None and not held.released for held in waiting)

    def sent(self, row: OutboxRow) -> None:
        """A row of that key was acknowledged: the key is free."""
        self._held.pop((row.topic, row.key), None)

    def withheld(self) -> list[tuple[str, str]]:
        """The keys to leave out of the read that follows; those whose pause is over are asked for again."""
        if not self._held:
            return []
        now = self._clock()
        for held in self._held.values():
            held.released = held.released or held.until <= now
        return [place for place, held in self._held.items() if not held.released]

    def next_turn(self, at_most: float) -> float:
        """Seconds until a held key is to be tried again, no more than `at_most`."""
        all_held: list[_Held | _HeldTopic] = [*self._held.values(), *self._topics.values()]
        waits = [held.until - self._clock() for held in all_held if not held.released]
        return max(0.0, min([at_most, *waits]))

    def buried(self, rows: list[Refused]) -> None:
        """These rows are in `outbox_dead` now, which holds back their keys from here on."""
        gone = {row.seq for row in rows}
        self.dead = [row for row in self.dead if row.seq not in gone]
        self._held = {place: held for place, held in self._held.items() if held.seq not in gone}

    def begin(self) -> None:
        """The relay starts to lead, with nothing in memory: what was released is held again."""
        for held in self._held.values():
            held.released = False
        for topic in self._topics.values():
            topic.released = False

    def __bool__(self) -> bool:
        return bool(self._held or self._topics)
