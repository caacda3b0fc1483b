"""What every signer keeps to, whoever takes its URLs."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsreel_testing.url_receivers import KEYS, RECEIVERS, SECONDS, SECRETS, Receiver

AT = datetime(2026, 11, 27, 23, 59, 50, tzinfo=UTC)
ONE = frozenset({"k1"})
KEY, NAME, GRANT = "0199-r1/Прес +100%.mxf", "Прес +100%.mxf", "0199-g1"

every_signer = pytest.mark.parametrize("receiver", RECEIVERS, ids=[receiver.name for receiver in RECEIVERS])


def issued(receiver: Receiver, key: str = KEY, name: str = NAME, kid: str = "k1", at: datetime = AT) -> str:
    return receiver.signer(kid).issue(key, name, GRANT, at)


@every_signer
def test_it_is_good_from_the_first_to_the_last_second(receiver: Receiver) -> None:
    url = issued(receiver)
    assert receiver.signer("k1").seconds == SECONDS
    for later, answer in (
        (-30, "accepted"),
        (0, "accepted"),
        (SECONDS - 1, "accepted"),
        (SECONDS, "expired"),
    ):
        assert receiver.judge(url, AT + timedelta(seconds=later), ONE) == answer
    assert receiver.judge(url, AT + timedelta(days=400), ONE) == "expired"


@every_signer
def test_no_byte_can_be_changed_dropped_or_added(receiver: Receiver) -> None:
    url = issued(receiver)
    # "?" stands for any letter in the policy that a URL carries
    wildcard = url.index("?") if "custom" in receiver.name else None
    for position in range(url.index("/", len("https://")), len(url)):
        old = url[position]
        others = {"a", "A", "0", "/", "&", "=", chr(ord(old) ^ 1)} - {old}
        changed = [url[:position] + other + url[position + 1 :] for other in others if position != wildcard]
        for forged in [*changed, url[:position] + url[position + 1 :], url[:position] + "x" + url[position:]]:
            for at in (AT, AT + timedelta(seconds=SECONDS)):
                if forged != url and not _same_to(receiver, url, forged):
                    assert receiver.judge(forged, at, ONE) == "refused", (position, forged)


def _same_to(receiver: Receiver, url: str, forged: str) -> bool:
    """S3 signs parameters in one order, whatever order they came in."""
    if not receiver.name.startswith("s3"):
        return False
    left, right = urlsplit(url), urlsplit(forged)
    return left[:3] == right[:3] and sorted(left.query.split("&")) == sorted(right.query.split("&"))


@every_signer
def test_parameters_cannot_be_moved_from_one_url_to_another(receiver: Receiver) -> None:
    one, other = issued(receiver), issued(receiver, key="0199-r2/b.mxf", name="b.mxf")
    left, right = urlsplit(one), urlsplit(other)
    assert receiver.judge(left._replace(path=right.path).geturl(), AT, ONE) == "refused"
    assert receiver.judge(left._replace(query=right.query).geturl(), AT, ONE) == "refused"
    assert receiver.judge(left._replace(netloc="other.example.org").geturl(), AT, ONE) == "refused"


@every_signer
def test_a_letter_moved_over_a_border_is_another_signature(receiver: Receiver) -> None:
    signer = receiver.signer("k1")
    urls = {
        signer.issue("ab/cd", "ef", GRANT, AT),
        signer.issue("abc/d", "ef", GRANT, AT),
        signer.issue("ab/cde", "f", GRANT, AT),
        signer.issue("ab/c", "def", GRANT, AT),
    }
    assert len({signature_of(url) for url in urls}) == 4


def signature_of(url: str) -> str:
    (found,) = re.findall(r"[?&](?:s|Signature|X-Amz-Signature)=([^&]+)", url)
    return str(found)


@every_signer
def test_a_rotation_breaks_no_living_link(receiver: Receiver) -> None:
    both = frozenset({"k1", "k2"})
    old, new = issued(receiver), issued(receiver, kid="k2")
    assert [receiver.judge(url, AT, ONE) for url in (old, new)] == ["accepted", "refused"]
    assert [receiver.judge(url, AT, both) for url in (old, new)] == ["accepted", "accepted"]
    assert [receiver.judge(url, AT, frozenset({"k2"})) for url in (old, new)] == ["refused", "accepted"]
    assert receiver.judge(old.replace("k1", "k2"), AT, both) == "refused"


@every_signer
@pytest.mark.parametrize("key", ["", "/a/b", "a//b", "a/b/", "../b", "a/..", "./b", "a/."])
def test_a_key_that_could_mean_another_is_never_signed(receiver: Receiver, key: str) -> None:
    with pytest.raises(ValueError, match=r"key|path"):
        issued(receiver, key=key)


segments = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0"), min_size=1, max_size=20
).filter(lambda text: text not in {".", ".."})


@every_signer
@settings(deadline=None)
@given(segments)
@example("a?b#c%2e&d=e+f g;h*.mxf")
@example('quote".mxf')
def test_the_path_names_the_key_and_nothing_but_ascii_stands_there(receiver: Receiver, name: str) -> None:
    url = issued(receiver, key=f"r1/{name}", name=name)
    assert url.isascii()
    assert " " not in url
    assert unquote(urlsplit(url).path).endswith(f"/r1/{name}")
    assert receiver.judge(url, AT, ONE) == "accepted"


@every_signer
def test_no_secret_stands_in_a_url_or_a_representation(receiver: Receiver) -> None:
    shown = issued(receiver) + repr(receiver.signer("k1"))
    for secret in (SECRETS["k1"], KEYS["k1"].hex(), repr(KEYS["k1"]), "PRIVATE"):
        assert secret not in shown
