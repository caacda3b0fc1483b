"""A flow as lines of text: when each span began, how long it took, whose it is."""

from collections.abc import Iterator

from newsreel_local.traces.tree import Node


def _lines(node: Node, start: int, indent: str, tail: str) -> Iterator[str]:
    span = node.span
    marks = [f"waited in the outbox {node.wait_ms:.1f} ms"] if node.wait_ms is not None else []
    marks += ["linked"] if node.link is not None else []
    marks += [f"failed: {span.attributes.get('error.type', 'yes')}"] if span.failed else []
    label = f"{indent}{span.service}: {span.name}" + (f"  ({', '.join(marks)})" if marks else "")
    offset = (span.start - start) / 1_000_000
    yield f"{offset:10.1f} {span.milliseconds:10.1f}  {label}"
    for child in node.children:
        last = child is node.children[-1]
        yield from _lines(child, start, tail + ("└─ " if last else "├─ "), tail + ("   " if last else "│  "))


def draw(trace_id: str, roots: list[Node]) -> str:
    """The whole text; times in milliseconds, offsets from the first span."""
    nodes = [node for root in roots for node in root.walk()]
    start = min(node.span.start for node in nodes)
    took = (max(node.span.end for node in nodes) - start) / 1_000_000
    services = len({node.span.service for node in nodes})
    head = [
        f"trace {trace_id}: {len(nodes)} spans of {services} services, {took:.1f} ms",
        f"{'at ms':>10} {'took ms':>10}  service: span",
    ]
    return "\n".join([*head, *(line for root in roots for line in _lines(root, start, "", ""))])
