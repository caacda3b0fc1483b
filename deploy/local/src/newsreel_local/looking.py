"""`make codes` and `make trace`: looking into the mails and spans that a stack keeps, running or not."""

import re
import sys

from newsreel_local.mailbox.letters import Letter, Letters
from newsreel_local.paths import LocalDir
from newsreel_local.traces.drawing import draw
from newsreel_local.traces.store import SpanStore
from newsreel_local.traces.tree import Flows

_CODE = re.compile(r"^\s*(\d{4} ?\d{4})\s*$", re.MULTILINE)
_SHOWN = 10


def _code(letter: Letter) -> str | None:
    found = _CODE.search(letter.text)
    return found[1] if found else None


def codes(to: str | None) -> int:
    """Print the newest codes, newest first. 1 when there is none."""
    letters = Letters(LocalDir.of_environment().data("mail")).find(to)
    found = [(letter, code) for letter in letters if (code := _code(letter))][:_SHOWN]
    for letter, code in found:
        print(f"{letter.moment:%H:%M:%S}  {code}  {', '.join(letter.to)}  {letter.subject}")
    if not found:
        print("no mail with a code yet", file=sys.stderr)
    return 0 if found else 1


def trace(trace_id: str | None) -> int:
    """Print a flow, by default the last one that crossed the bus. 1 when there is none."""
    flows = Flows(SpanStore(LocalDir.of_environment().data("traces")).recent())
    chosen = trace_id or flows.last()
    roots = flows.tree(chosen) if chosen else []
    if not chosen or not roots:
        print(f"there is no trace {trace_id or 'yet'}", file=sys.stderr)
        return 1
    print(draw(chosen, roots))
    return 0
