"""Settings: a secret of the wrong form ends the start, with the variable's name and without its value."""

import pytest
from pydantic import ValidationError

from newsreel_runtime.settings import HexKey, KeyRingText, SettingsGroup, settings_config

KEY, OTHER = "ab" * 32, "cd" * 32


class Keys(SettingsGroup):
    """Both kinds."""

    model_config = settings_config("NEWSREEL_TEST_")

    ring: KeyRingText
    key: HexKey


@pytest.mark.parametrize("ring", [KEY, f"k1:{KEY}", f"k2:{OTHER}, k1:{KEY}"])
def test_keys_of_the_right_form_are_taken(ring: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSREEL_TEST_RING", ring)
    monkeypatch.setenv("NEWSREEL_TEST_KEY", KEY)
    settings = Keys()
    assert (settings.ring.get_secret_value(), settings.key.get_secret_value()) == (ring, KEY)


@pytest.mark.parametrize(
    ("ring", "key", "named"),
    [
        (KEY[:62], KEY, "ring"),
        (f"k1:{KEY[:62]}", KEY, "ring"),
        (f"k1:{KEY},k1:{OTHER}", KEY, "ring"),
        (f"k1:{KEY}x", KEY, "ring"),
        (f"k1:{KEY}", KEY[:62], "key"),
        (f"k1:{KEY}", "x" * 64, "key"),
        (f"k1:{KEY}", "", "key"),
    ],
)
def test_another_form_is_refused_without_its_value(
    ring: str, key: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSREEL_TEST_RING", ring)
    monkeypatch.setenv("NEWSREEL_TEST_KEY", key)
    with pytest.raises(ValidationError) as raised:
        Keys()
    assert [error["loc"] for error in raised.value.errors()] == [(f"NEWSREEL_TEST_{named}".upper(),)]
    assert "hexadecimal digits" in str(raised.value)
    assert KEY[:62] not in str(raised.value)
