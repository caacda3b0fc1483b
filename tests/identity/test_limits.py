"""Sliding windows, and buckets that name nobody."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.challenge import CODE_LIFE
from identity.domain.code import DIGITS
from identity.domain.limits import (
    GUESSES,
    Buckets,
    Limit,
    Rule,
    free_at,
    is_under_pressure,
    mails,
    retry_after,
)
from identity.domain.network import network_of
from newsreel_runtime.keyring import KeyRing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_an_unused_limit_is_free_now() -> None:
    assert free_at([], mails(0), NOON) == NOON


def test_the_strictest_rule_decides() -> None:
    limit = Limit((Rule(5, timedelta(hours=1)), Rule(10, timedelta(hours=24))))
    hits = [NOON - timedelta(minutes=minutes) for minutes in (50, 40, 30, 20, 10)]
    assert free_at(hits, limit, NOON) == NOON + timedelta(minutes=10)
    day = [NOON - timedelta(hours=hours) for hours in range(20, 0, -2)]
    assert free_at(day, limit, NOON) == NOON + timedelta(hours=4)


@given(st.lists(st.integers(0, 100_000), max_size=12), st.integers(1, 12), st.integers(1, 5000))
def test_never_more_hits_in_a_period_than_allowed(offsets: list[int], count: int, period: int) -> None:
    limit = Limit((Rule(count, timedelta(seconds=period)),))
    made: list[datetime] = []
    for offset in sorted(offsets):
        at = NOON + timedelta(seconds=offset)
        if free_at(made, limit, at) == at:
            made.append(at)
    for first, last in zip(made, made[count:], strict=False):
        assert last - first >= timedelta(seconds=period)


def test_m1_the_pause_before_a_new_code_doubles() -> None:
    pauses = [int(mails(generation).rules[0].period.total_seconds()) for generation in (1, 2, 3, 4)]
    assert pauses == [30, 60, 120, 240]


@given(st.lists(st.integers(0, 9000), max_size=120))
def test_who_gets_no_mail_has_a_long_code_that_lives(pauses: list[int]) -> None:
    """M1: five mails in any hour at most; D25: whatever others spend, one code or the other is there."""
    sent: list[datetime] = []
    is_long, at = False, NOON
    for pause in pauses:
        at += timedelta(seconds=pause)
        if free_at(sent, mails(0), at) == at:
            is_long = is_under_pressure(sent, (), at)
            sent.append(at)
        else:
            assert is_long
            assert at < sent[-1] + CODE_LIFE
    for first, sixth in zip(sent, sent[5:], strict=False):
        assert sixth - first >= timedelta(hours=1)


def test_spent_guesses_are_pressure() -> None:
    guesses = [NOON - timedelta(hours=23)] * 10
    assert is_under_pressure((), guesses, NOON)
    assert not is_under_pressure((), guesses, NOON + timedelta(hours=1))
    assert not is_under_pressure((), guesses[1:], NOON)


def test_a_wait_is_rounded_up_and_never_nothing() -> None:
    limit = Limit((Rule(1, timedelta(seconds=30)),))
    assert retry_after([NOON - timedelta(milliseconds=999)], limit, NOON) == 30
    assert retry_after([], limit, NOON) == 1


def test_buckets_differ_by_address_use_and_key_and_hide_the_address() -> None:
    buckets = Buckets(KeyRing.parse("11" * 32))
    every = {
        *buckets.codes("ada@example.org"),
        *buckets.codes("eve@example.org"),
        *Buckets(KeyRing.parse("22" * 32)).codes("ada@example.org"),
        buckets.sign_in("ada@example.org", "192.0.2.7/32", None),
        buckets.sign_in("ada@example.org", "192.0.2.7/32", NOON),
        buckets.sign_in("ada@example.org", "192.0.2.8/32", NOON),
        buckets.sign_in("eve@example.org", "192.0.2.8/32", NOON),
    }
    assert len(every) == 22
    assert not any(b"ada" in bucket for bucket in every)
    assert buckets.codes("ada@example.org") == sorted(buckets.codes("ada@example.org"))


@pytest.mark.parametrize(
    ("client", "network"),
    [
        ("192.0.2.7", "192.0.2.7/32"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("192.0.2.7, 198.51.100.1", "unknown"),
        ("a name", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_network_of_a_client(client: str | None, network: str) -> None:
    assert network_of(client) == network


def test_c3_ten_guesses_a_day_at_a_hundred_thousand_accounts_find_one_in_a_hundred_days() -> None:
    [rule] = GUESSES.rules
    assert rule.period == timedelta(hours=24)
    assert 100_000 * rule.count / 10**DIGITS <= 1 / 100


def test_a_browser_stays_known_while_the_old_key_is_there() -> None:
    token = Buckets(KeyRing.parse("k1:" + "11" * 32)).known_browser("ada@example.org", "n" * 22)
    both = Buckets(KeyRing.parse(f"k2:{'22' * 32},k1:{'11' * 32}"))
    assert both.nonce_of(token, "ada@example.org") == "n" * 22
    assert both.known_browser("ada@example.org", "n" * 22) != token


def test_a_known_browser_is_known_by_its_own_address_and_key_alone() -> None:
    buckets = Buckets(KeyRing.parse("11" * 32))
    token = buckets.known_browser("ada@example.org", "n" * 22)
    assert buckets.nonce_of(token, "ada@example.org") == "n" * 22
    assert buckets.nonce_of(token, "eve@example.org") is None
    assert Buckets(KeyRing.parse("22" * 32)).nonce_of(token, "ada@example.org") is None
    for text in (
        None,
        "",
        ".",
        token[:-1],
        token + "0",
        "m" + token[1:],
        "\udcff",
        token.upper(),
        "é." + "0" * 64,
    ):
        assert buckets.nonce_of(text, "ada@example.org") is None
