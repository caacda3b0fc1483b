"""`make codes` and `make trace`: looking into the mails and spans that a stack keeps, running or not."""

import sys

from newsreel_local.mailbox.mail_store import MailStore, StoredMail
from newsreel_local.mailbox_reader import CODE
from newsreel_local.paths import LocalDir
from newsreel_local.traces.drawing import draw
from newsreel_local.traces.store import SpanStore
from newsreel_local.traces.tree import Flows

_SHOWN = 10


def _code(mail: StoredMail) -> str | None:
    found = CODE.search(mail.text)
    return found[1] if found else None


def codes(to: str | None) -> int:
    """Print the newest codes, newest first. 1 when there is none."""
    mails = MailStore(LocalDir.of_environment().data("mail")).find(to)
    found = [(mail, code) for mail in mails if (code := _code(mail))][:_SHOWN]
    for mail, code in found:
        print(f"{mail.moment:%H:%M:%S}  {code}  {', '.join(mail.to)}  {mail.subject}")
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
