"""Which addresses are accepted, and which are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.address import AddressRefusedError, parse_address, shown
from notifier.domain.address import can_be_mailed

ACCEPTED = {
    "ada@example.org": ("ada@example.org", "ada@example.org"),
    "Ada.Lovelace@Example.ORG": ("Ada.Lovelace@example.org", "ada.lovelace@example.org"),
    "  ada@example.org ": ("ada@example.org", "ada@example.org"),
    "ada+press@sub.example.co.uk": ("ada+press@sub.example.co.uk", "ada+press@sub.example.co.uk"),
    "o'hara@example.org": ("o'hara@example.org", "o'hara@example.org"),
    "ada@b\u00fccher.example": ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
    "J\u00c9R\u00d4ME@example.org": ("J\u00c9R\u00d4ME@example.org", "j\u00e9r\u00f4me@example.org"),
    "JE\u0301ROME@example.org": ("J\u00c9ROME@example.org", "j\u00e9rome@example.org"),
    "stra\u00dfe@example.org": ("stra\u00dfe@example.org", "stra\u00dfe@example.org"),
    "ada@news.test": ("ada@news.test", "ada@news.test"),
}
REFUSED = [
    "",
    " ",
    "ada",
    "@example.org",
    "ada@",
    "ada@@example.org",
    "ada@localhost",
    "ada@test",
    "ada@example.invalid",
    "ada@[127.0.0.1]",
    "ada@-example.org",
    "ada@exa mple.org",
    ".ada@example.org",
    "ada.@example.org",
    "a..da@example.org",
    '"ada l"@example.org',
    "Ada <ada@example.org>",
    "ada@example.org,eve@example.org",
    "ada@example.org;eve@example.org",
    "ada@example.org eve@example.org",
    "ada@example.org\r\nBcc: eve@example.org",
    "ada\n@example.org",
    "ada\x00@example.org",
    "ada@example.org\x00",
    "ada\u202e@example.org",
    "ada\ud800@example.org",
    "a" * 65 + "@example.org",
    "\u0436" * 33 + "@example.org",
    "\U0001d49c" * 17 + "@example.org",
    "<ada@example.org",
    "<<<ada@example.org>>>",
    "mailto:",
    "ada@exam\u200bple.org",
    "a\u00adda@example.org",
    "a" * 1000 + "@example.org",
    "ada@" + "a" * 64 + ".org",
    "a" * 64 + "@" + ".".join(["b" * 60] * 4) + ".org",
    "ada@xn--a.example",
    "mailto:ada@example.org?bcc=eve@example.org",
]


@pytest.mark.parametrize(("text", "expected"), ACCEPTED.items())
def test_accepted(text: str, expected: tuple[str, str]) -> None:
    address = parse_address(text)
    assert (address.stored, address.key) == expected


@pytest.mark.parametrize("text", REFUSED)
def test_m3_refused(text: str) -> None:
    with pytest.raises(AddressRefusedError) as refusal:
        parse_address(text)
    assert "@" not in str(refusal.value)


WRAPPINGS = [
    "{}\u00a0",
    "\u200b{}\u200b",
    "\ufeff{}\r\n",
    "\u202a{}\u202c",
    "\t\u3000{}\u2060\u00ad",
    "<{}>",
    " <{} >\u00a0",
    "mailto:{}",
    "MailTo: {}",
    "<mailto:{}>",
    "mailto:<{}>",
]


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize(
    "typed", ["Ada@example.org", "ada\uff20example.org", "\uff21\uff44\uff41@example\uff0eorg"]
)
def test_what_comes_along_with_a_copied_address_is_left_out(wrapping: str, typed: str) -> None:
    """Trial A12."""
    assert parse_address(wrapping.format(typed)).key == "ada@example.org"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("stra\u00dfe", "strasse"),
        ("\ufb01n", "fin"),
        ("\u0149a", "\u02bcna"),
        ("\u0130pek", "ipek"),
        ("ma\u00df", "mass"),
    ],
)
def test_two_mailboxes_have_two_keys(one: str, other: str) -> None:
    """Trial A19: no letter becomes several."""
    assert parse_address(f"{one}@example.org").key != parse_address(f"{other}@example.org").key


@pytest.mark.parametrize(
    "local",
    ["ada", "\u00e9mile", "stra\u00dfe", "\u03bd\u03b9\u03ba\u03bf\u03c2", "\u0456\u0432\u0430\u043d"],
)
def test_capital_letters_make_no_other_mailbox(local: str) -> None:
    capitals = "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in local)
    assert parse_address(f"{capitals}@example.org").key == parse_address(f"{local}@example.org").key


@pytest.mark.parametrize(
    "typed",
    [
        "ada@b\u00fccher.example",
        "ada@stra\u00dfe.de",
        "\u0456\u0432\u0430\u043d@\u043f\u043e\u0448\u0442\u0430.\u0443\u043a\u0440",
        "Ada@example.org",
    ],
)
def test_an_address_is_shown_as_people_write_it(typed: str) -> None:
    """Trial A18."""
    assert shown(parse_address(typed).stored) == typed
    assert shown("ada@xn--a.example") == "ada@xn--a.example"  # one that no rule of today can read


LOCALS = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=70)


@given(st.one_of(st.text(max_size=300), st.emails(), LOCALS.map(lambda local: f"{local}@example.org")))
def test_what_is_accepted_can_be_mailed(text: str) -> None:
    """Trial A10: identity and the notifier judge alike, so nothing is accepted and then thrown away."""
    try:
        address = parse_address(text)
    except AddressRefusedError:
        return
    assert can_be_mailed(address.stored)


def test_a_look_alike_has_the_same_key_but_keeps_its_own_mailbox() -> None:
    """KELVIN SIGN folds to k: one account, and mail goes where it was stored."""
    kelvin = parse_address("\u212aim@example.org")
    assert kelvin.key == parse_address("kim@example.org").key


def test_addresses_do_not_print_themselves() -> None:
    assert "ada" not in repr(parse_address("ada@example.org"))


@given(st.one_of(st.text(max_size=300), st.emails()))
def test_one_line_one_at_sign_and_a_stable_key(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressRefusedError:
        return
    assert address.stored.count("@") == 1
    assert address.stored.isprintable()
    assert len(address.stored.encode()) <= 254
    assert parse_address(address.stored) == address
