"""A part of a proof: fault after fault under load, the oracle in between and at the end."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from newsreel_proving import brokers, traces
from newsreel_proving.faults import Faults
from newsreel_proving.journal import ViolationError
from newsreel_proving.oracle import Findings, Seen, evidence, judge
from newsreel_proving.schedule import steps
from newsreel_proving.stage import GROUPS, REPLAYED, WRITING, Stage
from newsreel_testing.consumer_harness import newsreel
from newsreel_testing.wait_until import until

_RECOVERY = 90.0  # seconds until an event that was written after the fault has its effects
_LOOK = 10  # steps between two looks of the oracle


@dataclass
class Result:
    """What a part came to."""

    findings: Findings = field(default_factory=Findings)
    committed: int = 0
    parked: int = 0  # as they should be
    slowest: float = 0.0  # seconds to recover, the worst step


class Campaign:
    """Runs on a stage until `kills` processes are dead."""

    def __init__(self, stage: Stage, seed: int, weights: Mapping[str, int], result: Result) -> None:
        self._stage = stage
        self._journal = stage.journal
        self._steps = steps(seed, weights)
        self._faults = Faults(stage)
        self._result = result

    async def run(self, kills: int) -> None:
        """Raises `ViolationError` at the first thing that must not be."""
        before = self._journal.kills.total()
        await self._recover()
        while (done := self._journal.kills.total() - before) < kills:
            step = next(self._steps)
            self._journal.schedule.append(str(step))
            self._journal.note(f"step {step}")
            await self._faults.do(step)
            seconds = await self._recover()
            self._result.slowest = max(self._result.slowest, seconds)
            self._journal.note(f"recovered in {seconds:.3f} s")
            await self._mend()
            if step.number % _LOOK == 0:
                self._judge(await traces.seen(self._stage, topics=False), ended=False)
                self._journal.say(f"{done} of {kills} kills, {step.number} faults: nothing to object to")
        await self._end()

    async def _recover(self) -> float:
        """Seconds until what was written after the fault has its effects everywhere."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        before = await traces.newest(self._stage, WRITING)

        async def written() -> Mapping[UUID, int] | None:
            self._stage.check()
            newest = await traces.newest(self._stage, WRITING)
            return newest if newest != before else None

        async def arrived() -> bool:
            self._stage.check()
            found = [await traces.newest(self._stage, group) for group in GROUPS]
            return all(reached[key] >= number for reached in found for key, number in marks.items())

        marks = await until(written, "a writer that writes", deadline=_RECOVERY, pause=0.05)
        try:
            await until(arrived, "effects", deadline=_RECOVERY, pause=0.05)
        except AssertionError as error:
            self._judge(await traces.seen(self._stage, topics=True), ended=True)
            raise ViolationError(f"what was lost came while it was looked for: {error}") from error
        return loop.time() - began

    async def _mend(self) -> None:
        """A dead broker of three is started again when the others have shown that they go on."""
        dead = [
            broker for broker in self._stage.kafka if broker.process and broker.process.returncode is not None
        ]
        if not dead:
            return
        await dead[0].start()
        replicas = len(self._stage.kafka)

        async def whole() -> bool:
            return await brokers.in_sync(self._stage.settings, replicas)

        await until(whole, "replicas in step", deadline=_RECOVERY, pause=0.2)

    async def _end(self) -> None:
        """No more load: all of it must arrive, and what was parked, once the handlers are mended."""
        self._journal.note("the load ends")
        await self._stage.stop("writer")
        seen = await self._all_arrived()
        self._result.committed += len(seen.committed)
        self._result.parked += sum(len(set(parked)) for parked in seen.parked.values())
        self._judge(seen, ended=True)
        roles = [process.role for process in self._stage.processes.values() if process.role.group == REPLAYED]
        await self._stage.stop(*(role.name for role in roles))
        for role in roles:
            await self._stage.begin(replace(role, mended=True))
        login = self._stage.login("postgres", REPLAYED)
        ended = await newsreel(self._stage.settings, login, "dlq", "replay", "--group", REPLAYED)
        self._journal.note(f"replay: {ended.code} {ended.out} {ended.err}")
        seen = await self._all_arrived(REPLAYED)
        findings = self._judge(seen, ended=True, mended=[REPLAYED])
        self._result.findings.redelivered += findings.redelivered
        self._result.findings.parked_again += findings.parked_again

    async def _all_arrived(self, *mended: str) -> Seen:
        async def arrived() -> Seen | None:
            self._stage.check()
            seen = await traces.seen(self._stage, topics=True)
            return None if judge(seen, ended=True, mended=mended).lost else seen

        try:
            return await until(arrived, "all effects", deadline=_RECOVERY, pause=0.5)
        except AssertionError:
            seen = await traces.seen(self._stage, topics=True)
            self._judge(seen, ended=True, mended=mended)
            return seen

    def _judge(self, seen: Seen, *, ended: bool, mended: Sequence[str] = ()) -> Findings:
        """Keep what was found, and raise `ViolationError` if there is any."""
        findings = judge(seen, ended=ended, mended=mended)
        if findings.violations:
            total = self._result.findings
            for kind in ("lost", "reordered", "doubled", "parked", "invented"):
                setattr(total, kind, getattr(findings, kind))
            self._journal.keep("evidence", evidence(seen, findings))
            raise ViolationError("; ".join(map(str, findings.violations[:5])))
        return findings
