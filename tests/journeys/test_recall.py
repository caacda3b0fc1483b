"""A video is withdrawn while ten people download it: refused, told once, and seen by the press office."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

from newsreel_local.journey import Journey
from newsreel_local.stack import RunningStack
from newsreel_testing.operators import newsreel
from newsreel_testing.wait_until import until

_PEOPLE = 10
Person = Callable[[], Awaitable[Journey]]


async def withdraw(stack: RunningStack, video_id: str) -> str:
    """An editor does, and says in public why; the reference of the video."""
    listed = (await newsreel(stack, "catalog", "catalog", "list", "--json")).splitlines()
    [reference] = [video["reference"] for video in map(json.loads, listed) if video["video_id"] == video_id]
    said = ("--reason", "error", "--note", "en=The date that is named in it is wrong.")
    who = ("--why", "ticket 7", "--as", "olga", "--yes")
    await newsreel(stack, "catalog", "catalog", "withdraw", reference, *said, *who)
    return str(reference)


async def takes_until_refused(someone: Journey, ticket: str, begun: asyncio.Semaphore) -> int:
    """Part after part; the answer that ended it."""
    while True:
        answer = await someone.visitor.get(ticket, Range="bytes=0-1023")
        if answer.status_code != 206:
            return answer.status_code
        begun.release()


async def test_a_video_is_withdrawn_while_ten_people_download_it(stack: RunningStack, person: Person) -> None:
    people = [await person() for _ in range(_PEOPLE)]
    bystander = await person()
    await asyncio.gather(*(someone.registered() for someone in (*people, bystander)))
    listed = await people[0].visitor.visit("/")
    path = [link for link in listed.links if re.search(r"/videos/[0-9a-f-]{36}$", link)][-1]
    tickets = [await someone.ticket(await someone.visitor.visit(path)) for someone in people]
    await bystander.ticket(await bystander.visitor.visit(path))  # asked for, and not taken
    begun = asyncio.Semaphore(0)
    taking = [
        asyncio.create_task(takes_until_refused(someone, ticket, begun))
        for someone, ticket in zip(people, tickets, strict=True)
    ]
    for _ in range(3 * _PEOPLE):
        await begun.acquire()
    reference = await withdraw(stack, path[-36:])
    assert set(await asyncio.wait_for(asyncio.gather(*taking), 60)) <= {403, 404, 410}
    mails = [await someone.mailbox.wait(someone.address, 2) for someone in people]
    assert {mail.subject.partition(":")[0] for mail in mails} == {"Withdrawn, do not use"}
    assert all("The date that is named in it is wrong." in mail.text for mail in mails)

    async def accepted() -> bool:
        return bool((await ours())["states"] == {"accepted": _PEOPLE})

    async def ours() -> dict[str, Any]:
        listed = map(json.loads, (await recalls("list")).splitlines())
        return next((recall for recall in listed if recall["reference"] == reference), {"states": {}})

    async def recalls(*words: str) -> str:
        return await newsreel(stack, "delivery", "delivery", "recalls", *words, "--json")

    await until(accepted, "the press office sees that all were told", pause=0.5)
    recall = await ours()
    assert (recall["kind"], recall["reason"], recall["accounts"]) == ("withdrawn", "error", _PEOPLE)
    takers = [json.loads(line) for line in (await recalls("show", recall["recall_id"])).splitlines()]
    assert len({taker["account_id"] for taker in takers}) == len(takers) == _PEOPLE
    assert [len(await someone.mailbox.mails(someone.address)) for someone in people] == [2] * _PEOPLE
    assert len(await bystander.mailbox.mails(bystander.address)) == 1

    async def is_in_the_audit() -> bool:
        exported = await newsreel(stack, "delivery", "delivery", "audit", "export")
        kinds = [json.loads(line).get("kind") for line in exported.splitlines()]
        return kinds.count("recalled") == _PEOPLE

    await until(is_in_the_audit, "the audit has each of them", pause=0.5)
    assert "each as it was written" in await newsreel(stack, "delivery", "delivery", "audit", "verify")
