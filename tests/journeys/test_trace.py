"""One press on "register" is one trace, from the page to the mail server and back."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx

from newsreel_local.journey import Addresses, Journey
from newsreel_testing.wait_until import until

Person = Callable[[], Awaitable[Journey]]
Span = dict[str, Any]

EDGES = {
    ("portal POST /register", "child", "portal POST"),
    ("portal POST", "child", "identity POST /v1/registrations"),
    ("identity POST /v1/registrations", "child", "identity create identity.account.v1"),
    ("identity POST /v1/registrations", "child", "identity create identity.code.v1"),
    ("identity create identity.account.v1", "link", "identity send identity.account.v1"),
    ("identity create identity.account.v1", "child", "delivery process identity.account.v1"),
    ("identity create identity.account.v1", "link", "delivery commit identity.account.v1"),
    ("identity create identity.code.v1", "link", "identity send identity.code.v1"),
    ("identity create identity.code.v1", "child", "notifier process identity.code.v1"),
    ("identity create identity.code.v1", "link", "notifier commit identity.code.v1"),
    ("notifier process identity.code.v1", "child", "notifier mail job"),
    ("notifier mail job", "child", "notifier smtp.deliver"),
    ("notifier mail job", "child", "notifier create notifier.mail.v1"),
    ("notifier create notifier.mail.v1", "link", "notifier send notifier.mail.v1"),
    ("notifier create notifier.mail.v1", "child", "identity process notifier.mail.v1"),
    ("notifier create notifier.mail.v1", "link", "identity commit notifier.mail.v1"),
}


def label(span: Span) -> str:
    return f"{span['service']} {span['name']}"


def edges(spans: list[Span]) -> Iterator[tuple[str, str, str]]:
    """(above, how tied, below) for every pair in the tree."""
    for span in spans:
        for below in span["children"]:
            yield label(span), "link" if below["linked"] else "child", label(below)
        yield from edges(span["children"])


def walk(spans: list[Span]) -> Iterator[Span]:
    for span in spans:
        yield span
        yield from walk(span["children"])


async def test_the_trace_of_a_registration_has_these_edges(person: Person, addresses: Addresses) -> None:
    someone = await person()
    await someone.register()

    async def complete() -> list[Span] | None:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{addresses.traces}/traces/{someone.trace_id}.json")
        roots: list[Span] = answer.json().get("roots", [])
        return roots if set(edges(roots)) >= EDGES else None

    roots = await until(complete, "all edges of the trace")
    assert [label(root) for root in roots] == ["portal POST /register"]
    assert set(edges(roots)) == EDGES
    sends = [span for span in walk(roots) if span["name"].startswith("send ")]
    assert all(isinstance(span["wait_ms"], float) and span["wait_ms"] >= 0 for span in sends)
    processes = [span for span in walk(roots) if span["name"].startswith("process ")]
    assert all(len(span["links"]) == 1 for span in processes)
