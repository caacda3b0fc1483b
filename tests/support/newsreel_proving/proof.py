"""A whole proof: most kills beside one Kafka, a few of one of three; the figures, and what to print."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from newsreel_proving.campaign import Campaign, Result
from newsreel_proving.faults import ONE, THREE
from newsreel_proving.forked_process import Planted
from newsreel_proving.journal import Journal, ViolationError
from newsreel_proving.stage import open_stage

_THREE_OF = 50  # one of so many kills is that of one of three brokers


class Proof:
    """Runs, and knows the figures whatever the end was."""

    def __init__(self, folder: Path, seed: int, say: Callable[[str], None]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.seed = seed
        self.journal = Journal(folder, say)
        self.violation: str | None = None
        self._folder = folder
        self._result = Result()

    async def run(
        self,
        kills: int,
        *,
        three: int | None = None,
        planted: Planted = "",
        kinds: Mapping[str, int] = ONE,
    ) -> None:
        """Until so many processes are dead, or until the first violation, which is kept.

        `three` of them are brokers of three; the others die as `kinds` (by weight) says.
        """
        three = -(-kills // _THREE_OF) if three is None else three
        try:
            await self._part(1, kinds, kills - three, planted)
            if three:
                await self._part(3, THREE, three, planted)
        except ViolationError as error:
            self.violation = str(error)

    async def _part(self, replicas: int, kinds: Mapping[str, int], kills: int, planted: Planted) -> None:
        folder = self._folder / ("one" if replicas == 1 else "three")
        folder.mkdir(parents=True, exist_ok=True)
        self.journal.say(f"seed {self.seed}: {kills} kills, {replicas} Kafka; logs are in {folder}")
        async with open_stage(folder, self.journal, self.seed, replicas=replicas, planted=planted) as stage:
            await Campaign(stage, self.seed, kinds, self._result).run(kills)

    def figures(self) -> dict[str, Any]:
        """The last line."""
        findings = self._result.findings
        return {
            "kills": self.journal.kills.total(),
            "lost": len(findings.lost),
            "reordered": len(findings.reordered),
            "doubled_effects": len(findings.doubled),
            "parked": len(findings.parked),
            "invented": len(findings.invented),
            "redelivered": findings.redelivered,
            "parked_again": findings.parked_again,
            "poisonous_parked_and_replayed": self._result.parked,
            "committed": self._result.committed,
            "kinds": dict(self.journal.kills),
            "fail_points": dict(self.journal.points),
            "faults": dict(self.journal.faults),
            "slowest_recovery_s": round(self._result.slowest, 1),
            "seconds": round(self.journal.seconds, 1),
            "seed": self.seed,
            "violation": self.violation,
        }

    def report(self) -> list[str]:
        """The figures in words; with a violation, all that is needed to repeat it, and what came before."""
        figures = self.figures()
        lines = [f"{count:6} x {kind}" for kind, count in sorted(self.journal.kills.items())]
        lines += [f"{count:6} x died at {point}" for point, count in sorted(self.journal.points.items())]
        lines += [f"{count:6} x {fault}" for fault, count in sorted(self.journal.faults.items())]
        names = ("committed", "lost", "reordered", "doubled_effects", "parked", "redelivered", "parked_again")
        lines.append(", ".join(f"{name.replace('_', ' ')} {figures[name]}" for name in names))
        if self.violation is not None:
            lines += [f"VIOLATION with seed {self.seed}: {self.violation}", "schedule:"]
            lines += [*self.journal.schedule, "event log:", *self.journal.last()]
        return [*lines, json.dumps(figures)]
