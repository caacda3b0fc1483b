"""The short form of `make prove`, and planted bugs that it finds."""

import json
import random
from pathlib import Path

import pytest

from newsreel_proving.faults import ONE
from newsreel_proving.forked_process import Planted
from newsreel_proving.proof import Proof

SEED = random.SystemRandom().randrange(1_000_000)
KILLS = 24
VIOLATIONS = ("lost", "reordered", "doubled_effects", "parked", "invented")


async def test_nothing_is_lost_doubled_reordered_or_parked_by_kills(tmp_path: Path) -> None:
    proof = Proof(tmp_path, SEED, print)
    await proof.run(KILLS, three=0)
    report = proof.report()
    print("\n".join(report))
    figures = json.loads(report[-1])
    assert proof.violation is None
    assert figures["kills"] >= KILLS
    assert not any(figures[name] for name in VIOLATIONS)
    assert figures["committed"] > 100
    assert figures["poisonous_parked_and_replayed"] > 0
    assert {step.split()[1] for step in proof.journal.schedule} >= {kind.split()[0] for kind in ONE}


@pytest.mark.parametrize(
    ("planted", "found"),
    [("acknowledges too early", "lost"), ("effect outside the transaction", "doubled_effects")],
)
async def test_a_planted_bug_is_found(planted: Planted, found: str, tmp_path: Path) -> None:
    kinds = {"relay": 1} if found == "lost" else {"consumer": 1}
    proof = Proof(tmp_path, SEED, print)
    await proof.run(60, three=0, planted=planted, kinds=kinds)
    report = proof.report()
    assert json.loads(report[-1])[found] > 0
    assert f"VIOLATION with seed {SEED}: {proof.violation}" in report
    assert proof.journal.schedule[0] in report
    assert any("is dead" in line for line in report)
    assert json.loads((tmp_path / "evidence.json").read_text())["findings"]
