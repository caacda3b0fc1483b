"""The mail benchmark's account: what was promised and never came is lost, what came again is doubled."""

import asyncio

from benchmarks.mail.load import Arrivals, Taken, open_loop


async def arrivals(*lines: str) -> Arrivals:
    reader = asyncio.StreamReader()
    reader.feed_data("".join(f"{line}\n" for line in lines).encode())
    reader.feed_eof()
    read = Arrivals(reader)
    await read.all_of([line.split()[1] for line in lines], patience=5)
    return read


async def test_lost_doubled_and_refused_mails_are_counted() -> None:
    begun = dict.fromkeys(("a@x", "b@x", "c@x", "d@x"), 1_000_000)
    read = await arrivals("3000000 a@x", "5000000 b@x", "9000000 b@x")
    taken = Taken(begun, {"a@x", "b@x", "c@x"}, read)
    assert (taken.lost, taken.doubled, taken.refused) == (1, 1, 1)
    assert (taken.p50, taken.p99, taken.last) == (3.0, 4.0, 4.0)


async def test_a_request_that_was_not_promised_is_refused_and_not_lost() -> None:
    async def deed(to: str) -> bool:
        return to == "a@x"

    taken = await open_loop(deed, ["a@x", "b@x"], await arrivals("1 a@x"), rate=None, patience=1)
    assert (taken.refused, taken.lost, len(taken.ms)) == (1, 0, 1)
