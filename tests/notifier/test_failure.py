"""Whose fault a refusal is: replies of Postfix, Exim, sendmail, qmail, Exchange and Gmail."""

import pytest

from notifier.domain.failure import Reason, Step, refusal

RECIPIENT: list[tuple[Step, int, str, Reason]] = [
    ("rcpt", 550, "5.1.1 <x@desk.example>: Recipient address rejected: User unknown", "mailbox"),
    ("rcpt", 550, "5.1.2 bad destination system", "mailbox"),
    ("rcpt", 550, "5.1.0 address rejected", "mailbox"),
    ("rcpt", 550, "5.1.6 mailbox has moved", "mailbox"),
    ("rcpt", 550, "5.1.10 RESOLVER.ADR.RecipientNotFound", "mailbox"),
    ("rcpt", 556, "5.1.10 recipient address has null MX", "mailbox"),
    ("rcpt", 550, "5.2.1 The email account is disabled", "mailbox"),
    ("rcpt", 552, "5.2.2 mailbox full", "mailbox"),
    ("rcpt", 550, "5.2.1 The user receives mail at a rate that prevents additional messages", "mailbox"),
    ("data", 552, "5.2.2 mailbox over quota", "mailbox"),
    ("data", 550, "5.1.1 no such user", "mailbox"),
    ("rcpt", 550, "5.7.17 mailbox owner has changed", "mailbox"),
    ("rcpt", 550, "no such person here", "mailbox"),
    (
        "rcpt",
        550,
        "5.4.1 [x@desk.example]: Recipient address rejected: Access denied. AS(201806281)",
        "mailbox",
    ),
    ("rcpt", 554, "5.7.1 <x@desk.example>: Recipient address rejected: Access denied", "mailbox"),
    ("rcpt", 554, "5.0.0 User unknown", "mailbox"),
    ("rcpt", 554, "delivery error: No such user here", "mailbox"),
    ("rcpt", 550, "Unrouteable address", "mailbox"),
    ("rcpt", 550, "<sender@relay-spam.example>: no such user", "mailbox"),
    ("rcpt", 551, "user not local", "mailbox"),
    ("rcpt", 552, "over quota", "mailbox"),
    ("rcpt", 553, "mailbox name not allowed", "mailbox"),
    ("rcpt", 450, "4.2.0 <x@desk.example>: Recipient address rejected: Greylisted", "mailbox"),
    ("rcpt", 451, "4.7.1 Greylisting in action, please come back later", "mailbox"),
    ("rcpt", 451, "please try again", "mailbox"),
    ("rcpt", 452, "4.2.2 mailbox full", "mailbox"),
    ("rcpt", 501, "5.1.3 Bad recipient address syntax", "address"),
    ("rcpt", 553, "5.6.7 non-ASCII addresses not permitted", "smtputf8"),
    ("mail", 550, "5.6.7 non-ASCII addresses not permitted", "smtputf8"),
]
OURS: list[tuple[Step, int, str]] = [
    ("greeting", 554, "5.7.1 no SMTP service for you"),
    ("greeting", 554, "5.1.1 whatever it says before a recipient is named"),
    ("greeting", 421, "4.7.0 too many connections"),
    ("ehlo", 550, "no"),
    ("starttls", 454, "4.7.0 TLS not available"),
    ("auth", 535, "5.7.8 Authentication credentials invalid"),
    ("auth", 525, "5.7.13 user account disabled"),
    ("mail", 550, "sender unknown"),
    ("mail", 553, "5.1.1 sender unknown"),
    ("mail", 530, "5.7.0 Authentication required"),
    ("mail", 550, "5.1.8 Sender domain does not exist"),
    ("mail", 452, "4.3.1 Insufficient system storage"),
    ("rcpt", 554, "5.7.1 <x@desk.example>: Relay access denied"),
    ("rcpt", 454, "4.7.1 <x@desk.example>: Relay access denied"),
    ("rcpt", 550, "relay not permitted"),
    ("rcpt", 550, "5.7.1 Relaying denied. Proper authentication required."),
    ("rcpt", 553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    ("rcpt", 554, "transaction failed"),
    ("rcpt", 554, "5.7.1 <x@desk.example>: Recipient address rejected: rejected by policy"),
    ("rcpt", 554, "5.7.1 <x@desk.example>: Recipient address rejected: use authentication"),
    ("mail", 550, "5.1.0 user unknown"),
    ("data", 554, "5.7.1 recipient rejected"),
    ("rcpt", 451, "4.3.5 recipient address rejected: server configuration problem"),
    ("rcpt", 550, "5.4.5 Daily user sending quota exceeded"),
    ("rcpt", 550, "5.1.7 bad sender address"),
    ("rcpt", 550, "5.1.8 <no-reply@n.example>: Sender address rejected: Domain not found"),
    ("rcpt", 553, "5.7.1 <no-reply@n.example>: Sender address rejected: not owned by user"),
    ("rcpt", 550, "5.1.0 <no-reply@n.example> sender rejected"),
    ("rcpt", 550, "5.1.90 recipient limit of the day reached"),
    ("rcpt", 504, "5.5.2 <n>: Helo command rejected: need fully-qualified hostname"),
    ("rcpt", 503, "5.5.1 bad sequence of commands"),
    ("rcpt", 452, "4.3.1 Insufficient system storage"),
    ("rcpt", 451, "4.3.0 queue file write error"),
    ("rcpt", 550, "5.3.2 system not accepting messages"),
    ("rcpt", 421, "4.2.1 closing"),
    ("rcpt", 550, "your host is on a blocklist"),
    ("data", 550, "5.4.5 Daily user sending quota exceeded"),
    ("data", 554, "5.7.1 looks like spam"),
    ("data", 550, "5.7.26 unauthenticated mail is prohibited"),
    ("data", 554, "no"),
    ("data", 550, "refused"),
    ("data", 552, "5.3.4 message too big"),
    ("data", 554, "5.6.0 cannot be converted"),
    ("data", 500, "5.5.2 syntax error"),
    ("rcpt", 550, "4.1.1 a class that contradicts its reply is none: relay access denied"),
]


@pytest.mark.parametrize(("step", "code", "text", "reason"), RECIPIENT)
def test_m7_what_names_the_mailbox_is_the_recipients(
    step: Step, code: int, text: str, reason: Reason
) -> None:
    failure = refusal(step, code, text)
    assert (failure.fault, failure.reason) == ("recipient", reason)


@pytest.mark.parametrize(("step", "code", "text"), OURS)
def test_m7_everything_else_is_ours(step: Step, code: int, text: str) -> None:
    failure = refusal(step, code, text)
    assert (failure.fault, failure.reason) == ("ours", None)


def test_a_failure_shows_codes_and_never_words() -> None:
    assert str(refusal("rcpt", 554, "5.7.1 <x@desk.example>: Relay access denied")) == "rcpt: 554 5.7.1"
    assert str(refusal("rcpt", 550, "5.7.1.1 is no code")) == "rcpt: 550"
    assert str(refusal("mail", 451, "x@desk.example")) == "mail: 451"
