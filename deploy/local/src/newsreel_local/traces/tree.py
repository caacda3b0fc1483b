"""One flow as a tree: parents and children, and across traces what a link ties to them.

A relay's `send` is the root of a trace of its own that links to the `create` of each record it took along;
here it stands below that `create`, marked as linked, with the time that the record waited in the outbox.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from newsreel_local.traces.spans import Link, Span

WAIT = "newsreel.outbox.wait_ms"


@dataclass
class Node:
    """A span and what follows from it, in order of time."""

    span: Span
    link: Link | None = None  # how it is tied to the node above, when not as its child
    children: list["Node"] = field(default_factory=list)

    @property
    def wait_ms(self) -> float | None:
        """How long the record waited in the outbox, for the `send` of it."""
        value = (self.link.attributes if self.link else {}).get(WAIT, self.span.attributes.get(WAIT))
        return float(value) if isinstance(value, int | float) else None

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, depth first."""
        yield self
        for child in self.children:
            yield from child.walk()


class Flows:
    """The spans that are known, and how they hang together."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._spans = {(span.trace_id, span.span_id): span for span in spans}
        self._below: defaultdict[tuple[str, str], list[tuple[Span, Link | None]]] = defaultdict(list)
        self._roots: defaultdict[str, list[Span]] = defaultdict(list)
        for span in self._spans.values():
            parent = (span.trace_id, span.parent_id)
            if parent in self._spans:
                self._below[parent].append((span, None))
            else:
                self._roots[span.trace_id].append(span)
            for link in span.links:
                if (link.trace_id, link.span_id) != parent:
                    self._below[link.trace_id, link.span_id].append((span, link))

    def tree(self, trace_id: str) -> list[Node]:
        """The roots of a flow; empty for a trace that is not known.

        A trace that a browser or a program began has no span here: its roots are those that link to it.
        """
        seen: set[tuple[str, str]] = set()
        linked = (
            tie for (linked_id, _), ties in self._below.items() if linked_id == trace_id for tie in ties
        )
        found: list[tuple[Span, Link | None]] = [(span, None) for span in self._roots.get(trace_id, ())]
        found = found or list(linked)
        return [self._node(span, link, seen) for span, link in sorted(found, key=lambda tie: tie[0].start)]

    def _node(self, span: Span, link: Link | None, seen: set[tuple[str, str]]) -> Node:
        node, key = Node(span, link), (span.trace_id, span.span_id)
        if key not in seen:
            seen.add(key)
            below = sorted(self._below[key], key=lambda child: child[0].start)
            node.children = [self._node(child, tie, seen) for child, tie in below]
        return node

    def recent(self) -> list[Span]:
        """The roots of flows, newest first; what only serves other flows (a relay's `send`) is left out."""
        roots = (span for spans in self._roots.values() for span in spans)
        return sorted((span for span in roots if not self._follows(span)), key=lambda span: -span.start)

    def _follows(self, span: Span) -> bool:
        return any((link.trace_id, link.span_id) in self._spans for link in span.links)

    def last(self) -> str | None:
        """The newest trace that a POST began and that crossed the bus; without one, the newest trace."""
        recent = self.recent()
        for root in recent:
            if root.name.startswith("POST") and self.crosses_bus(root.trace_id):
                return root.trace_id
        return recent[0].trace_id if recent else None

    def crosses_bus(self, trace_id: str) -> bool:
        """Whether a record of this flow was received by anybody."""
        return any(node.span.kind == "consumer" for root in self.tree(trace_id) for node in root.walk())
