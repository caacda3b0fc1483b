"""Which addresses are accepted, and which are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.address import AddressRefusedError, parse_address

ACCEPTED = {
    "ada@example.org": ("ada@example.org", "ada@example.org"),
    "Ada.Lovelace@Example.ORG": ("Ada.Lovelace@example.org", "ada.lovelace@example.org"),
    "  ada@example.org ": ("ada@example.org", "ada@example.org"),
    "ada+press@sub.example.co.uk": ("ada+press@sub.example.co.uk", "ada+press@sub.example.co.uk"),
    "o'hara@example.org": ("o'hara@example.org", "o'hara@example.org"),
    "ada@b\u00fccher.example": ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
    "J\u00c9R\u00d4ME@example.org": ("J\u00c9R\u00d4ME@example.org", "j\u00e9r\u00f4me@example.org"),
    "JE\u0301ROME@example.org": ("J\u00c9ROME@example.org", "j\u00e9rome@example.org"),
    "stra\u00dfe@example.org": ("stra\u00dfe@example.org", "strasse@example.org"),
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
    "<ada@example.org>",
    "ada@example.org,eve@example.org",
    "ada@example.org;eve@example.org",
    "ada@example.org eve@example.org",
    "ada@example.org\r\nBcc: eve@example.org",
    "ada@example.org\n",
    "ada\n@example.org",
    "ada\x00@example.org",
    "ada@example.org\x00",
    "ada\u202e@example.org",
    "ada\ud800@example.org",
    "a" * 65 + "@example.org",
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
def test_refused(text: str) -> None:
    with pytest.raises(AddressRefusedError) as refusal:
        parse_address(text)
    assert "@" not in str(refusal.value)


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
