"""Key rings."""

import pytest

from newsreel_runtime.keyring import KeyRing

ONE, TWO = "11" * 32, "22" * 32


def test_the_first_key_is_current_and_the_others_still_work() -> None:
    ring = KeyRing.parse(f"k2:{TWO}, k1:{ONE}")
    assert ring.current == ("k2", b"\x22" * 32)
    assert ring.get("k1") == b"\x11" * 32
    assert ring.get("k0") is None


@pytest.mark.parametrize("text", ["", "k1", f":{ONE}", "k1:zz", "k1:1122", f"k1:{ONE},k1:{TWO}"])
def test_what_is_no_key_ring_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011 (the message is checked below)
        KeyRing.parse(text)
    assert ONE not in str(raised.value)
