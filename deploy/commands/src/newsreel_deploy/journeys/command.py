"""`python -m newsreel_deploy journeys …`: people on a deployment, and what became of them."""

import argparse
import asyncio
import json
import time

import httpx

from newsreel_deploy.journeys.mailpit import Mailpit
from newsreel_deploy.journeys.record import Mails, Record
from newsreel_deploy.journeys.traffic import Traffic


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `journeys`."""
    parser = subparsers.add_parser("journeys", help="steady journeys on any deployment", description=__doc__)
    parser.add_argument("--portal", required=True, help="origin of the portal")
    parser.add_argument("--mailpit", required=True, help="origin of the mail catcher's API")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=2.0, help="people a second (default: %(default)s)")
    parser.set_defaults(run=lambda given: asyncio.run(_run(given)))


async def _run(given: argparse.Namespace) -> int:
    async with httpx.AsyncClient(timeout=10) as client:
        people = Traffic(given.portal, Mailpit(client, given.mailpit), given.rate)
        end = asyncio.Event()
        asyncio.get_running_loop().call_later(given.seconds, end.set)
        began = time.time()
        await people.run(end)
        print(people.record.between(began, time.time()), flush=True)
        mails = await people.mails()
    for failure in people.record.failures:
        print(f"failed  {failure}")
    print_mails(people.record, mails)
    print(json.dumps(summary(people.record, mails)), flush=True)
    return 1 if any(summary(people.record, mails).values()) else 0


def summary(record: Record, mails: Mails) -> dict[str, int]:
    """What should be nought."""
    return {
        "failed_requests": len(record.failures),
        "lost_mails": len(mails.lost),
        "doubled_mails": len(mails.doubled),
    }


def print_mails(record: Record, mails: Mails) -> None:
    """A line for each that is lost or doubled."""
    for kind, addresses in (("lost", mails.lost), ("doubled", mails.doubled)):
        for address in addresses:
            moment = time.strftime("%H:%M:%S", time.gmtime(record.registrations[address]))
            print(f"{kind}  the mail of a registration at {moment}")
