"""The inbox benchmark's judge: it must refuse effects that were lost, doubled or reordered."""

from collections.abc import Callable
from uuid import UUID

import pytest

from benchmarks.inbox.events import effects_of, judge

Effects = list[tuple[str, UUID]]
COUNT = 2000  # four events of each key


def swapped(effects: Effects) -> Effects:
    """The first two of one key in the other order."""
    first, second = [n for n, (key, _) in enumerate(effects) if key == effects[0][0]][:2]
    effects[first], effects[second] = effects[second], effects[first]
    return effects


def test_effects_in_order_per_key_pass() -> None:
    effects = effects_of(COUNT)
    assert judge(effects, COUNT) is None
    assert judge(sorted(effects, key=lambda effect: effect[0]), COUNT) is None, "keys may overtake each other"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda good: good[:-1], "3 of 4"),
        (lambda good: good[1:], "3 of 4"),
        (lambda good: [], "0 of 4"),
        (lambda good: [*good, good[-1]], "5 of 4"),
        (lambda good: [good[0], *good], "5 of 4"),
        (lambda good: [*good[:-1], good[-501]], "out of place"),
        (lambda good: [*good, ("foreign", good[0][1])], "1 of 0"),
        (swapped, "out of order"),
    ],
)
def test_effects_that_are_lost_doubled_or_reordered_are_refused(
    spoil: Callable[[Effects], Effects], said: str
) -> None:
    assert said in (judge(spoil(effects_of(COUNT)), COUNT) or "")
