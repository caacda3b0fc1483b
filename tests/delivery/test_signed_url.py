"""dl1: what is signed, what is refused, and that nothing lies between."""

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from delivery.domain.signed_url import Link, LinkExpiredError, LinkRefusedError, sign, verify
from newsreel_runtime.keyring import KeyRing

KEY = bytes(range(32))
KEYS = KeyRing({"k1": KEY, "k0": bytes(32)})
HOST = "media.example.org"
LINK = Link(
    host=HOST,
    path="/r/01JZX3/master.mxf",
    expires=1_900_003_600,
    not_before=1_899_999_940,
    kid="k1",
    grant="01JZX4GRANT",
    name="brussels%20presser.mxf",
)
PATH, _, QUERY = sign(LINK, KEY).partition("?")
AT = LINK.expires - 1

words = st.text("abcXYZ019_-", min_size=1, max_size=12)
names = st.text("abcXYZ019._~-", min_size=1, max_size=12).filter(lambda name: name not in {".", ".."})
seconds = st.integers(1, 99_999_999_999 - 86_460)
lives = st.integers(1, 86_460)


@st.composite
def links(draw: st.DrawFn) -> Link:
    begun = draw(seconds)
    return Link(
        host=draw(st.sampled_from([HOST, "media.example.org:8404", "a", "[::1]:1"])),
        path=f"/r/{draw(words)}/{draw(names)}",
        expires=begun + draw(lives),
        not_before=begun,
        kid=draw(words),
        grant=draw(words),
        name=draw(names),
    )


def test_the_published_vector_holds() -> None:
    assert LINK.canonical.split("\n") == [
        "dl1",
        "GET",
        "media.example.org",
        "/r/01JZX3/master.mxf",
        "1900003600",
        "1899999940",
        "k1",
        "01JZX4GRANT",
        "brussels%20presser.mxf",
    ]
    assert sign(LINK, KEY).endswith("&s=G1BkGmGFnj6t7jV6AUjzTkHdDwFR3v9eKe6OBlf4yXg")


@given(links(), links())
def test_two_links_share_a_text_only_when_they_are_the_same(link: Link, other: Link) -> None:
    assert (link.canonical == other.canonical) == (link == other)


@given(links(), st.sampled_from(["host", "path", "kid", "grant", "name"]), st.integers(0, 12))
def test_moving_a_character_over_a_boundary_is_another_text(link: Link, field: str, cut: int) -> None:
    values = {name: str(getattr(link, name)) for name in ("host", "path", "kid", "grant", "name")}
    following = {"host": "path", "path": "kid", "kid": "grant", "grant": "name", "name": "kid"}[field]
    moved = values[field][cut:]
    assume(moved)
    changed: dict[str, Any] = {field: values[field][:cut], following: moved + values[following]}
    try:
        shifted = link._replace(**changed).canonical
    except ValueError:
        return
    assert shifted != link.canonical


@given(links())
def test_what_was_signed_is_accepted_while_it_lasts(link: Link) -> None:
    keys = KeyRing({link.kid: KEY})
    path, _, query = sign(link, KEY).partition("?")
    assert verify(link.host, path, query, keys, link.not_before) == link
    assert verify(link.host, path, query, keys, link.expires - 1) == link
    with pytest.raises(LinkRefusedError):
        verify(link.host, path, query, keys, link.not_before - 1)
    with pytest.raises(LinkExpiredError) as expired:
        verify(link.host, path, query, keys, link.expires)
    assert expired.value.grant == link.grant


def _refused(path: str, query: str, at: int = AT, host: str = HOST) -> None:
    with pytest.raises(LinkRefusedError):
        verify(host, path, query, KEYS, at)


@pytest.mark.parametrize("position", range(len(PATH + "?" + QUERY)))
def test_no_character_can_be_changed(position: int) -> None:
    url = f"{PATH}?{QUERY}"
    for other in "aZ09-_%./&=?\n\x00é":
        if url[position] != other:
            path, _, query = (url[:position] + other + url[position + 1 :]).partition("?")
            _refused(path, query)
            _refused(path, query, at=LINK.expires + 10)  # a forged URL never looks like an expired one


@pytest.mark.parametrize("position", range(len(PATH + "?" + QUERY)))
def test_no_bit_can_be_flipped(position: int) -> None:
    url = f"{PATH}?{QUERY}"
    for bit in range(8):
        other = chr(ord(url[position]) ^ 1 << bit)
        path, _, query = (url[:position] + other + url[position + 1 :]).partition("?")
        _refused(path, query)


anything = st.text(st.characters(max_codepoint=0xFF), max_size=80)  # a request line, read as Latin-1
pieces = st.lists(
    st.one_of(anything, st.sampled_from([*QUERY.split("&"), "e=", "n=1", "k=k1", "&", "=", "s=", "%00"])),
    max_size=9,
).map("&".join)


@given(st.one_of(anything, st.just(PATH), links().map(lambda link: link.path)), pieces)
def test_whatever_is_asked_for_is_answered_with_no_more_than_a_refusal(path: str, query: str) -> None:
    assume((path, sorted(query.split("&"))) != (PATH, sorted(QUERY.split("&"))))
    _refused(path, query)


@given(st.integers(0, len(QUERY)), st.text(max_size=3))
def test_nothing_can_be_added_to_the_query(position: int, added: str) -> None:
    assume(added)
    _refused(PATH, QUERY[:position] + added + QUERY[position:])


@given(st.permutations(QUERY.split("&")))
def test_the_order_of_parameters_is_free(parts: list[str]) -> None:
    assert verify(HOST, PATH, "&".join(parts), KEYS, AT) == LINK


@pytest.mark.parametrize("part", QUERY.split("&"))
def test_each_parameter_is_needed_exactly_once(part: str) -> None:
    parts = QUERY.split("&")
    _refused(PATH, "&".join(kept for kept in parts if kept != part))
    _refused(PATH, "&".join([*parts, part]))
    _refused(PATH, QUERY.replace(part, f"{part[0].upper()}{part[1:]}"))
    _refused(PATH, QUERY.replace(part, f"%{ord(part[0]):02X}{part[1:]}"))


@pytest.mark.parametrize(
    "number",
    [
        "01900003600",
        "+1900003600",
        "-1",
        "0",
        "1e9",
        "1900003600.0",
        "19_00",
        " 1",
        "nan",
        "1900003600000",
        "\u0661",
    ],
)
def test_a_number_has_one_spelling(number: str) -> None:
    _refused(PATH, QUERY.replace("e=1900003600", f"e={number}"))
    _refused(PATH, QUERY.replace("n=1899999940", f"n={number}"))


@pytest.mark.parametrize(
    "path",
    [
        "/r/01JZX3/%2e%2e",
        "/r/01JZX3/%2E",
        "/r/01JZX3/a%2fb",
        "/r/01JZX3/a%2Fb",
        "/r/01JZX3/a%5Cb",
        "/r/01JZX3/a%00",
        "/r/01JZX3/..",
        "/r/01JZX3/.",
        "/r/01JZX3/",
        "/r//01JZX3/a",
        "/r/../a",
        "/r/01JZX3/a/b",
        "/r/01JZX3/a;b",
        "/r/01JZX3/a%e2%82%ac",
        "/r/01JZX3/é",
        "/r/01JZX3/a\n",
        "r/01JZX3/a",
    ],
)
def test_a_path_that_could_mean_another_is_never_signed_nor_accepted(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        sign(LINK._replace(path=path), KEY)
    _refused(path, QUERY)


def test_another_place_or_key_is_refused() -> None:
    _refused(PATH, QUERY, host="media.example.org:8404")
    _refused(PATH, QUERY, host="evil.example.org")
    _refused("/r/01JZX31/master.mxf", QUERY)
    _refused(PATH, QUERY.replace("k=k1", "k=k0"))
    _refused(PATH, QUERY.replace("k=k1", "k=k9"))
    _refused(PATH, sign(LINK, bytes(32)).partition("?")[2])
    for guessed in (KEY, bytes(32), b""):  # the verifier itself computes with zeros where it knows no key
        _refused(PATH, sign(LINK._replace(kid="k9"), guessed).partition("?")[2])


def test_both_keys_verify_while_one_is_replaced() -> None:
    old = LINK._replace(kid="k0")
    path, _, query = sign(old, bytes(32)).partition("?")
    assert verify(HOST, path, query, KEYS, AT) == old


def test_a_life_is_bounded() -> None:
    for expires in (LINK.not_before, LINK.not_before - 1, LINK.not_before + 86_461):
        with pytest.raises(ValueError, match="life"):
            sign(LINK._replace(expires=expires), KEY)
