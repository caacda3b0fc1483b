"""The short form of `make prove-newsletter`."""

import random
from pathlib import Path

from newsreel_proving.newsletter import prove


async def test_nobody_misses_an_issue_or_gets_one_twice_without_a_death(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")
    figures = await prove(tmp_path, 8, seed)
    print(figures)
    assert (figures.kills, figures.missed, figures.doubled) == (8, 0, 0)
    assert figures.mails >= 300
