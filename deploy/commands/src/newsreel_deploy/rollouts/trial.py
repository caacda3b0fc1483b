"""The steps, one after the other, under steady journeys; a line for each, then what went wrong."""

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass

import httpx

from newsreel_deploy.cluster.errors import ClusterError
from newsreel_deploy.journeys.command import print_mails, summary
from newsreel_deploy.journeys.mailpit import Mailpit
from newsreel_deploy.journeys.record import Mails, Record
from newsreel_deploy.journeys.traffic import Traffic
from newsreel_deploy.rollouts.deployed import Deployed
from newsreel_deploy.rollouts.steps import Step

_AFTERWARDS = 10.0  # seconds of journeys after each step: what it broke late is counted with it


@dataclass(frozen=True)
class Done:
    """A step that is over; times are seconds since the epoch."""

    title: str
    began: float
    ended: float
    remark: str
    held: bool


async def try_steps(here: Deployed, steps: list[Step], portal: str, mailpit: str, rate: float) -> bool:
    """Whether nothing failed, no mail was lost and none doubled, and each step could be done."""
    async with httpx.AsyncClient(timeout=10) as client:
        people = Traffic(portal, Mailpit(client, mailpit), rate)
        end = asyncio.Event()
        running = asyncio.create_task(people.run(end))
        try:
            done = [await _try(here, step, people.record) for step in steps]
        finally:
            end.set()
            await running
        mails = await people.mails()
    print_mails(people.record, mails)
    print(_table(done, people.record, mails))
    found = summary(people.record, mails) | {"steps": sum(one.held for one in done)}
    print(json.dumps(found), flush=True)
    return not any(summary(people.record, mails).values()) and found["steps"] == len(steps)


async def _try(here: Deployed, step: Step, record: Record) -> Done:
    began = time.time()
    before = await here.restarts()
    try:
        remark, held = await step.run(here), True
        await here.one_relay_leads()
    except ClusterError as error:
        remark, held = str(error), False
    await asyncio.sleep(_AFTERWARDS)
    ended = time.time()
    again = Counter(await here.restarts()) - Counter(before)
    if again:
        remark += f" (started again: {', '.join(f'{name} {count}x' for name, count in again.items())})"
    failed = [failure for failure in record.failures if failure.at >= began]
    for failure in failed:
        print(f"  failed  {failure}")
    print(f"{step.title:<28} {ended - began:6.1f} s {record.between(began, ended)}  {remark}", flush=True)
    return Done(step.title, began, ended, (remark.splitlines() or [""])[-1], held)


def _table(done: list[Done], record: Record, mails: Mails) -> str:
    rows = [
        "| step | s | requests | failed | registrations | mails lost | doubled | median ms | slowest ms | |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for one in done:
        figures = record.between(one.began, one.ended)
        lost, doubled = (
            sum(one.began <= record.registrations[address] < one.ended for address in addresses)
            for addresses in (mails.lost, mails.doubled)
        )
        said = one.remark if one.held else f"**could not be done**: {one.remark}"
        rows.append(
            f"| {one.title} | {one.ended - one.began:.0f} | {figures.requests} | {figures.failures} "
            f"| {figures.registrations} | {lost} | {doubled} "
            f"| {figures.median:.0f} | {figures.slowest:.0f} | {said} |"
        )
    return "\n".join(rows)
