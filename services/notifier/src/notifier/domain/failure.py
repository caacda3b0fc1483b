"""Why a mail was not taken, and whose fault that is (RFC 5321 §4.2, RFC 3463).

The recipient's fault is what a server says of the one mailbox. All else is ours (relay, login, certificate,
quota, policy, network): operators can mend it, and the mail waits meanwhile.
"""

import re
from dataclasses import dataclass
from typing import Literal

OwnStep = Literal["address", "key", "send_before"]
Step = OwnStep | Literal["connect", "greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data"]
Fault = Literal["recipient", "ours"]
Reason = Literal["mailbox", "address", "smtputf8"]

CLOSING = 421  # RFC 5321 §3.8: the server is about to close the connection
_ENHANCED = re.compile(r"(?:\A|\(#)([45])\.(\d{1,3})\.(\d{1,3})(?![.\d])")  # RFC 2034 §4; qmail: (#5.7.1)
# (subject, detail) without the class.
_MAILBOX = {
    (1, 0),
    (1, 1),
    (1, 2),
    (1, 4),
    (1, 6),
    (1, 10),
    *((2, detail) for detail in range(5)),
    (7, 17),
    (7, 18),
}
_ADDRESS = {(1, 3)}
_SMTPUTF8 = {(6, 7)}  # RFC 6531 §3.5: the server takes none for this recipient
# Reply codes of RCPT alone, when nothing else is known. 556: the domain takes no mail (RFC 7504).
_MAILBOX_REPLIES = {450, 451, 452, 550, 551, 552, 553, 556}
_ADDRESSES = re.compile(r"\S*@\S*")
# What servers without better codes say in the text of a refusal that is not about the mailbox.
_OUR_WORDS = re.compile(
    r"relay|rcpthosts|authenti|sender|helo|spam|polic|block ?list|black ?list|reputation|sending|client host|"
    r"rate limit|too many",
    re.IGNORECASE,
)
# What is said of one mailbox beside a code of policy or routing: Exchange 5.4.1, Postfix 5.7.1, a bare 554.
_ITS_WORDS = re.compile(
    r"recipient (?:address )?rejected|user unknown|unknown (?:user|recipient)|"
    r"no such (?:user|recipient|mailbox)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Failure:
    """What failed at which step. `what` is reply codes or an error's name, never a server's text.

    `reason` is why the recipient cannot be mailed; None when the fault is ours.
    """

    step: Step
    what: str
    code: int | None = None
    reason: Reason | None = None

    @property
    def fault(self) -> Fault:
        """Who can mend it."""
        return "ours" if self.reason is None else "recipient"

    def __str__(self) -> str:
        return f"{self.step}: {self.what}"


def refusal(step: Step, code: int, text: str) -> Failure:
    """What a reply of the mail server means. Its text may hold an address, and is looked at only here."""
    found = _ENHANCED.search(text)
    words = _ADDRESSES.sub("", text)
    ours = _OUR_WORDS.search(words) is not None
    enhanced = (int(found[2]), int(found[3])) if found is not None and found[1] == str(code)[0] else None
    what = f"{code} {str(code)[0]}.{enhanced[0]}.{enhanced[1]}" if enhanced else str(code)
    if step == "rcpt" and 500 <= code <= 599 and not ours and _ITS_WORDS.search(words):
        return Failure(step, what, code, "mailbox")
    return Failure(step, what, code, _reason(step, code, enhanced, ours=ours))


def _reason(step: Step, code: int, enhanced: tuple[int, int] | None, *, ours: bool) -> Reason | None:
    if enhanced in _SMTPUTF8 and step in {"mail", "rcpt", "data"}:
        return "smtputf8"
    if step not in {"rcpt", "data"} or code == CLOSING:
        return None
    if enhanced in _ADDRESS:
        return "address"
    vague = enhanced in {None, (0, 0), (1, 0)}
    if vague and ours:
        return None
    if enhanced is None or enhanced == (0, 0):
        return "mailbox" if step == "rcpt" and code in _MAILBOX_REPLIES else None
    greylisted = code < 500 and enhanced[0] == 7 and step == "rcpt" and not ours
    return "mailbox" if enhanced in _MAILBOX or greylisted else None
