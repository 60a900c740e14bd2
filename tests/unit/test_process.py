"""Memory of processes, and how often Python looks for what is no longer in use."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from warehouse.process import long_lived


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.enable()
    gc.unfreeze()


def test_nothing_is_searched_while_what_stays_is_made() -> None:
    with long_lived():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_made_is_not_searched_later() -> None:
    before = gc.get_freeze_count()
    with long_lived():
        made = [[number] for number in range(1000)]
    assert gc.get_freeze_count() - before >= len(made)


class Ring:
    """Holds itself."""

    def __init__(self) -> None:
        self.own = self


def test_cycles_made_later_are_still_found() -> None:
    with long_lived():
        pass
    ring = weakref.ref(Ring())
    assert ring() is not None
    kept = [[number] for number in range(2 * 50_000)]
    assert ring() is None
    assert len(kept) == 2 * 50_000


def test_an_error_inside_leaves_it_on() -> None:
    with pytest.raises(ImportError), long_lived():
        raise ImportError
    assert gc.isenabled()


def test_who_has_switched_it_off_finds_it_off() -> None:
    gc.disable()
    with long_lived():
        pass
    assert not gc.isenabled()
