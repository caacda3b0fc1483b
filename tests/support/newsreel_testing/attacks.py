"""What attackers try at accounts, codes and mails, and which tests hold each: `docs/security/attacks.md`.

`python -m newsreel_testing.attacks` prints the page. A test is found by the ids at the beginning of its name:
`test_c1_c2_…` holds C1 and C2, and `pytest -k c1` shows it.
"""

import ast
import re
from collections import defaultdict
from pathlib import Path

TESTS = Path(__file__).parents[2]
ATTACKS = {
    "C1": "Ten thousand codes are guessed for one request, one by one or at once",
    "C2": "Guessing goes on with new codes, new requests, other browsers, after restarts",
    "C3": "Everybody's account is guessed at a little each day",
    "C4": "A code is used twice, or by two at once",
    "C5": "A code is used too late, or a machine's clock is wrong",
    "C6": "A code is used for another request, purpose or browser",
    "C7": "A code outlives the reset, the proof or the change that made it needless",
    "C8": "Somebody reads a dump of the databases",
    "C9": "Somebody reads topics, parked records, logs, spans and metrics",
    "C10": "Some codes come more often than others",
    "C11": "A code is pasted with what surrounds it, or is far too long",
    "C12": "A mail scanner follows every link, or an address leaks to another site",
    "M1": "Somebody presses “send a new code” a thousand times",
    "M2": "One machine asks for mails to ten thousand addresses",
    "M3": "An address brings a second recipient, a header, a display name, or is no address",
    "M4": "The request names another host, for the links of the mail",
    "M5": "A mail to a stranger is to carry the sender's own words or markup",
    "M6": "The notifier dies at any moment, or reads its topic again",
    "M7": "The mail server refuses, hangs, breaks off, or shows another certificate",
    "M8": "A newsletter stands before the codes, or cannot be left by one press",
    "E1": "Answers, or how long they take, tell who has an account",
    "E2": "A stranger registers an address that is taken, or not proven yet",
    "E3": "Ten thousand wrong passwords are tried at one account",
    "E4": "One password each is tried at a hundred thousand accounts, from many networks",
    "E5": "Passwords of a megabyte, or a thousand sign-ins at once",
    "E6": "Sign-ins tell unknown, suspended and passwordless accounts apart",
    "S1": "A session is fixed, guessed, read from a dump, or sent where it does not belong",
    "S2": "A session, or a copy of it, outlives a reset, a sign-out, or its owner's next visit",
    "S3": "A mailed code alone is used to sign in",
    "S4": "A reset that was begun is taken over, or repeated later",
    "S5": "Another site sends forms for the person",
    "S6": "A stolen session changes the password",
    "R1": "The page to return to is somebody else's",
    "R2": "The page to return to is changed on the way, or taken from another person's request",
    "P1": "A password breaks a rule and is taken, or the reason is not told",
    "P2": "A space of another kind slips through",
    "P3": "One password, typed on another keyboard, is another one",
    "P4": "A long password is cut off",
    "P5": "A password that everybody guesses, or the person's own address",
    "P6": "A password manager cannot fill in the form",
    "P7": "A stored hash is too weak, or made to cost gigabytes",
    "P8": "A refusal repeats the password",
}
_IDS = re.compile(r"test_((?:[cmesrp]\d+_)+)")
_HEAD = """\
# Attacks, and the tests that hold them

Made by `python -m newsreel_testing.attacks`; a test fails when this page is not what it prints. Every test
named here runs in `make test`, whose result is theirs: `pytest -k c1` runs those of C1.

| id | what is tried | tests |
|---|---|---|
"""


def holders(tests: Path = TESTS) -> dict[str, list[str]]:
    """By id, the tests that hold it, as `file::name`."""
    found = defaultdict(list)
    for file in sorted(tests.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if ids := _IDS.match(node.name):
                for name in ids[1].strip("_").upper().split("_"):
                    found[name].append(f"{file.relative_to(tests).as_posix()}::{node.name}")
    return found


def page(held: dict[str, list[str]]) -> str:
    """The page, in Markdown."""
    rows = [
        f"| {name} | {attack} | {_listed(held.get(name, [])) or 'not held yet'} |"
        for name, attack in ATTACKS.items()
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _listed(tests: list[str]) -> str:
    return "<br>".join(f"`{test}`" for test in tests)


if __name__ == "__main__":
    print(page(holders()), end="")
