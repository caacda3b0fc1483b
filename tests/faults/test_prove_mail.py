"""The short form of `make prove-mail`, and its judge."""

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from newsreel_proving.mail import LATE, judge, prove
from newsreel_runtime.clock import now

AT = now()
SOON, TOO_LATE = AT + timedelta(seconds=1), AT + LATE + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("arrived", "losses", "found"),
    [
        ([("a", SOON), ("b", SOON)], {}, (0, 0, 0, 0)),
        ([("a", SOON)], {}, (1, 0, 0, 0)),
        ([("a", SOON), ("b", TOO_LATE)], {}, (0, 1, 0, 0)),
        ([("a", SOON), ("b", SOON), ("b", SOON)], {}, (0, 0, 0, 1)),
        ([("a", SOON), ("b", SOON), ("b", TOO_LATE)], {"b": 1}, (0, 0, 1, 0)),
        ([("a", SOON), ("b", SOON), ("b", SOON)], {"a": 1, "b": 0}, (0, 0, 0, 1)),
        ([("a", SOON), *[("b", SOON)] * 4], {"b": 2}, (0, 0, 2, 1)),
        # Somebody's answer was lost with identity, and the mail came all the same.
        ([("a", SOON), ("b", SOON), ("c", SOON)], {}, (0, 0, 0, 0)),
    ],
)
def test_m6_the_judge_sees_what_was_lost_late_or_doubled(
    arrived: list[tuple[str, datetime]], losses: dict[str, int], found: tuple[int, ...]
) -> None:
    figures = judge(1, {"a": AT, "b": AT}, arrived, losses)
    assert (figures.lost, figures.late, figures.doubled_in_window, figures.doubled) == found


async def test_m6_no_code_mail_is_lost_whatever_is_killed(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")
    figures = await prove(tmp_path, 6, seed)
    print(figures)
    assert figures.kills >= 6
    assert figures.mails > 0
    assert (figures.lost, figures.late, figures.doubled) == (0, 0, 0)
