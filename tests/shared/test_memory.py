"""The collector of cycles, as a service sets it."""

import gc
from collections.abc import Iterator

import pytest

from newsreel_runtime.memory import set_up_garbage_collector


@pytest.fixture
def as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


@pytest.mark.usefixtures("as_before")
def test_what_start_up_made_is_not_looked_at_and_young_objects_seldom() -> None:
    frozen, (young, *_) = gc.get_freeze_count(), gc.get_threshold()
    set_up_garbage_collector()
    assert gc.get_freeze_count() > frozen
    assert gc.get_threshold()[0] > young
    assert gc.isenabled(), "cycles still go"
