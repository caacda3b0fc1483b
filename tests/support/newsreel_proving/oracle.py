"""What must hold after any kills: nothing lost, order per key, effects once, only the poisonous is parked."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple


class Event(NamedTuple):
    """One event: the `number`-th of its key, from 1."""

    key: str
    number: int


class Finding(NamedTuple):
    """An event, and what must not be about it."""

    event: Event
    what: str

    def __str__(self) -> str:
        """A sentence."""
        return f"event {self.event.number} of {self.event.key} {self.what}"


@dataclass(frozen=True)
class Seen:
    """What a run left. The sequences have, for each key, the order in which things happened."""

    committed: Sequence[Event]
    poisonous: frozenset[Event]
    wire: Sequence[Event]
    effects: Mapping[str, Sequence[Event]]  # by group
    parked: Mapping[str, Sequence[Event]]  # by group


@dataclass
class Findings:
    """What was found. The counters are of what is allowed."""

    lost: list[Finding] = field(default_factory=list)
    reordered: list[Finding] = field(default_factory=list)
    doubled: list[Finding] = field(default_factory=list)
    parked: list[Finding] = field(default_factory=list)
    invented: list[Finding] = field(default_factory=list)
    redelivered: int = 0  # events that are on the topic once more
    parked_again: int = 0  # records that are in a dead letter topic once more

    @property
    def violations(self) -> list[Finding]:
        """All that must not be."""
        return [*self.lost, *self.reordered, *self.doubled, *self.parked, *self.invented]


Due = Mapping[str, Collection[int]]  # numbers by key


def judge(seen: Seen, *, ended: bool, mended: Collection[str] = ()) -> Findings:
    """Compare what happened with what was committed.

    Unless `ended`, the newest events of a key may still be under way, but none may be passed by a later one.
    In the groups `mended`, handlers bear what they could not, and what was parked was replayed: it is due.
    """
    findings = Findings()
    due = _by_key(seen.committed)
    stops = {key: min(numbers) for key, numbers in _by_key(seen.poisonous).items()}
    waiting = {key: [n for n in due[key] if n >= stop] for key, stop in stops.items()}
    flowing = {key: set(numbers) - set(waiting.get(key, ())) for key, numbers in due.items()}
    _compare("on the topic", due, seen.wire, findings, ended=ended)
    findings.redelivered = len(seen.wire) - len(set(seen.wire))
    for group, effects in seen.effects.items():
        findings.doubled += [
            Finding(event, f"had {times} effects at {group}")
            for event, times in Counter(effects).items()
            if times > 1
        ]
        early, rest = ([], effects) if group in mended else _split(effects, waiting)
        findings.reordered += [
            Finding(event, f"had its effect at {group}, and is to wait") for event in early
        ]
        _compare(f"at {group}", due if group in mended else flowing, rest, findings, ended=ended)
    for group, parked in seen.parked.items():
        rest, strangers = _split(parked, waiting)
        findings.parked += [Finding(event, f"is parked by {group}") for event in dict.fromkeys(strangers)]
        findings.parked_again += len(rest) - len(set(rest))
        _compare(f"among the dead letters of {group}", waiting, rest, findings, ended=ended)
    return findings


def evidence(seen: Seen, findings: Findings) -> dict[str, Any]:
    """All that is known of the first keys with a finding, as plain data."""
    keys = list(dict.fromkeys(finding.event.key for finding in findings.violations))[:5]

    def of(events: Iterable[Event]) -> dict[str, list[int]]:
        found = _by_key(events)
        return {key: list(found[key]) for key in keys if key in found}

    return {
        "findings": [str(finding) for finding in findings.violations[:1000]],
        "committed": of(seen.committed),
        "poisonous": of(seen.poisonous),
        "topic": of(seen.wire),
        "effects": {group: of(events) for group, events in seen.effects.items()},
        "parked": {group: of(events) for group, events in seen.parked.items()},
    }


def _compare(place: str, due: Due, happened: Sequence[Event], findings: Findings, *, ended: bool) -> None:
    """Add to the findings what is missing, strange or out of order; repetitions are the caller's to judge."""
    found = _by_key(dict.fromkeys(happened))
    for key, numbers in found.items():
        expected = set(due.get(key, ()))
        findings.invented += [
            Finding(Event(key, n), f"was never committed, and is {place}")
            for n in numbers
            if n not in expected
        ]
        findings.reordered += [
            Finding(Event(key, later), f"came after {earlier} {place}")
            for earlier, later in pairwise(n for n in numbers if n in expected)
            if later < earlier
        ]
    for key, all_of_them in due.items():
        there = set(found.get(key, ()))
        last = max(there, default=0)
        findings.lost += [
            Finding(Event(key, n), f"is missing {place}")
            for n in sorted(all_of_them)
            if n not in there and (ended or n < last)
        ]


def _split(events: Sequence[Event], due: Due) -> tuple[list[Event], list[Event]]:
    """Those that are in `due`, and the others."""
    within = {Event(key, n) for key, numbers in due.items() for n in numbers}
    return [event for event in events if event in within], [event for event in events if event not in within]


def _by_key(events: Iterable[Event]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for key, number in events:
        found[key].append(number)
    return dict(found)
