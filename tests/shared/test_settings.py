"""Settings: a secret of the wrong form ends the start, with the variable's name and without its value."""

import pytest
from pydantic import ValidationError

from newsreel_runtime.settings import KeyRingText, SettingsGroup, settings_config

KEY, OTHER = "ab" * 32, "cd" * 32


class Keys(SettingsGroup):
    """A ring."""

    model_config = settings_config("NEWSREEL_TEST_")

    ring: KeyRingText


@pytest.mark.parametrize("ring", [KEY, f"k1:{KEY}", f"k2:{OTHER}, k1:{KEY}"])
def test_keys_of_the_right_form_are_taken(ring: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSREEL_TEST_RING", ring)
    assert Keys().ring.get_secret_value() == ring


@pytest.mark.parametrize(
    "ring", [KEY[:62], f"k1:{KEY[:62]}", f"k1:{KEY},k1:{OTHER}", f"k1:{KEY}x", "x" * 64, ""]
)
def test_another_form_is_refused_without_its_value(ring: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSREEL_TEST_RING", ring)
    with pytest.raises(ValidationError) as raised:
        Keys()
    assert [error["loc"] for error in raised.value.errors()] == [("NEWSREEL_TEST_RING",)]
    assert "hexadecimal digits" in str(raised.value)
    assert KEY[:62] not in str(raised.value)
