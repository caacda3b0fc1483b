"""The rules: codes, addresses, and what becomes of a mail."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsreel_testing.fake_smtp import a_mail
from notifier.domain.address import can_be_mailed
from notifier.domain.code import derive_code, derive_long_code
from notifier.domain.mail import LOSS_LIMIT, Attempt, backoff, change_after, known_locale
from notifier.domain.sender import Sender

VECTORS = json.loads((Path(__file__).parents[1] / "contracts" / "code_vectors.json").read_text())
MAIL = a_mail()
AT = MAIL.send_before - timedelta(minutes=20)


@pytest.mark.parametrize("vector", VECTORS)
def test_derives_the_codes_that_identity_expects(vector: dict[str, str | int]) -> None:
    key = bytes.fromhex(str(vector["key_hex"]))
    challenge, generation = UUID(str(vector["challenge_id"])), int(vector["generation"])
    assert derive_code(key, str(vector["purpose"]), challenge, generation) == vector["code"]
    assert derive_long_code(key, str(vector["purpose"]), challenge, generation) == vector["long_code"]


def test_c8_a_code_depends_on_purpose_challenge_generation_and_key() -> None:
    key, challenge = bytes(32), UUID(int=1)
    codes = {
        derive_code(key, "signup", challenge, 1),
        derive_code(key, "reset", challenge, 1),
        derive_code(key, "signup", UUID(int=2), 1),
        derive_code(key, "signup", challenge, 2),
        derive_code(bytes([1] * 32), "signup", challenge, 1),
    }
    assert len(codes) == 5
    assert all(len(code) == 8 and code.isdigit() for code in codes)


@pytest.mark.parametrize(
    "address", ["a@b.example", "first.last+tag@sub.desk.example", "Ünï@desk.example", "редактор@пошта.укр"]
)
def test_plain_addresses_can_be_mailed(address: str) -> None:
    assert can_be_mailed(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@desk.example",
        "a@",
        "a@b@c.example",
        "victim@desk.example\r\nBcc: other@desk.example",
        "a b@desk.example",
        "a@desk.example,b@desk.example",
        "a@desk.example;b@desk.example",
        "Name <a@desk.example>",
        '"quoted"@desk.example',
        "a\x00@desk.example",
        "a\x85@desk.example",
        "a\u2028@desk.example",
        "a" * 65 + "@desk.example",
        "a@" + "d" * 250 + ".example",
        "\ud800@desk.example",
    ],
)
def test_m3_other_addresses_cannot(address: str) -> None:
    assert not can_be_mailed(address)


@pytest.mark.parametrize(
    "text",
    ["", "Newsreel", "Newsreel <>", "<a@b.example", "é@b.example", "A\r\nBcc: c@d <a@b.example>", "a@b c"],
)
def test_a_sender_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the sender is an ASCII address"):
        Sender.parse(text)


def test_a_sender_may_have_a_name() -> None:
    assert Sender.parse("Newsreel <no-reply@n.example>").domain == "n.example"
    assert Sender.parse("no-reply@n.example").address == "no-reply@n.example"
    assert Sender.parse('"Newsreel" <no-reply@n.example>') == Sender.parse("Newsreel <no-reply@n.example>")


@pytest.mark.parametrize("name", ["=?utf-8?q?x?=", "x" * 201])
def test_a_name_that_a_mail_would_not_keep_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="the sender's name cannot be written in a mail"):
        Sender.parse(f"{name} <no-reply@n.example>")


def test_a_language_that_is_not_known_yet_is_written_to_in_english() -> None:
    assert [known_locale(text) for text in ("fr", "uk", "de", "")] == ["fr", "uk", "en", "en"]


def test_the_ends() -> None:
    accepted = change_after(MAIL, Attempt("accepted", 250), AT, 0.0)
    assert (accepted.state, accepted.next_at, accepted.event) == ("accepted", None, "accepted")
    bounced = change_after(MAIL, Attempt("refused", 550), AT, 0.0)
    assert (bounced.state, bounced.next_at, bounced.event) == ("bounced", None, "bounced")
    expired = change_after(MAIL, Attempt("too-late"), AT, 0.0)
    assert (expired.state, expired.next_at, expired.event) == ("expired", None, "expired")


def test_a_mail_that_may_have_arrived_is_not_told_to_have_expired() -> None:
    change = change_after(replace(MAIL, losses=1), Attempt("too-late"), AT, 0.0)
    assert (change.state, change.next_at, change.event) == ("unknown", None, None)


def test_the_first_delay_is_told_and_the_second_is_not() -> None:
    first = change_after(MAIL, Attempt("postponed", 451), AT, 0.0)
    assert (first.state, first.event, first.next_at) == ("delayed", "delayed", AT + timedelta(seconds=1))
    again = replace(MAIL, delay_told=True, failures=3)
    second = change_after(again, Attempt("postponed", 451), AT, 0.0)
    assert (second.state, second.event, second.next_at) == ("delayed", None, AT + timedelta(seconds=8))


def test_a_retry_is_due_at_the_latest_when_the_mail_expires() -> None:
    close = replace(MAIL, send_before=AT + timedelta(seconds=0.2))
    assert change_after(close, Attempt("postponed"), AT, 0.0).next_at == close.send_before


def test_a_server_that_is_away_says_when_to_come_back() -> None:
    retry_at = AT + timedelta(seconds=3)
    assert change_after(MAIL, Attempt("postponed", retry_at=retry_at), AT, 0.0).next_at == retry_at


def test_a_lost_mail_is_sent_again_but_not_for_ever() -> None:
    lost = change_after(MAIL, Attempt("lost"), AT, 0.0)
    assert (lost.state, lost.lost, lost.event) == ("unknown", True, "delayed")
    assert lost.next_at is not None
    last = change_after(replace(MAIL, losses=LOSS_LIMIT - 1), Attempt("lost"), AT, 0.0)
    assert (last.state, last.next_at, last.event) == ("unknown", None, None)


@pytest.mark.parametrize(
    ("failures", "losses", "state"), [(0, 0, "queued"), (2, 0, "delayed"), (1, 1, "unknown")]
)
def test_a_mail_given_back_is_as_it_was(failures: int, losses: int, state: str) -> None:
    change = change_after(replace(MAIL, failures=failures, losses=losses), Attempt("not-begun"), AT, 0.5)
    assert (change.state, change.next_at, change.failed, change.event) == (state, AT, False, None)


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_the_back_off_grows_to_a_minute(failures: int, jitter: float) -> None:
    seconds = backoff(failures, jitter).total_seconds()
    longest = min(2.0 ** min(failures, 16), 60.0)
    assert longest / 2 <= seconds <= longest
