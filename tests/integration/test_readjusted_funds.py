"""An adjusted series of a fund, fetched on two evenings: the second file adjusts bars of the first for a dividend."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.integration.restating import LATER, ask, at, commit, make_home, publish
from tests.unit.test_build import NOW, SESSIONS
from warehouse.lake.lake import Lake

FIRST, LAST = 20, 30
FACTOR = 0.99


def _bar(day: int, factor: float = 1.0, **more: Any) -> dict[str, Any]:
    """Of `session day`, as the file of the first evening has it: the close rises by 1 a session from 100."""
    prices = {"open": 100.0 + day, "high": 102.0 + day, "low": 99.0 + day, "close": 100.0 + day}
    row = {
        "symbol": "XLE",
        "session_date": SESSIONS[day],
        "source": "vendor",
        "basis": "total_return",
        "is_final": True,
    }
    known = {"known_at": NOW, "payload_sha256": "a" * 64}
    return {**row, **{name: round(price * factor, 6) for name, price in prices.items()}, **known, **more}


def _second_evening(first: int, last: int, until: int) -> list[dict[str, Any]]:
    """All bars to `until`, those from `first` to `last` multiplied."""
    known = {"known_at": LATER + timedelta(hours=1), "payload_sha256": "b" * 64}
    return [_bar(day, FACTOR if first <= day <= last else 1.0, **known) for day in range(until + 1)]


def _seams(home: Path) -> list[tuple[Any, ...]]:
    publish(home, at(48))
    query = "select session_date, round(step, 6) from marts.series_seams where symbol = 'XLE' and source = 'vendor' order by all"
    return ask(home, query)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    make_home(tmp_path)
    return tmp_path


def test_the_ex_date_that_the_second_file_left_alone_is_no_seam(home: Path) -> None:
    commit(home, "run-2", {"sector_bars": [_bar(day) for day in range(LAST + 2)]})
    commit(home, "run-3", {"sector_bars": _second_evening(FIRST, LAST, LAST + 2)})
    # the bars before the 20th were never adjusted: that seam alone is left
    assert _seams(home) == [(SESSIONS[FIRST], FACTOR)]
    on_ex_date = f"session_date = '{SESSIONS[LAST + 1]}' and symbol = 'XLE'"
    ((shown,),) = ask(home, f"select round(return_1d_pct, 6) from marts.sector_returns where {on_ex_date}")
    assert shown == round(100 * (131 / (130 * FACTOR) - 1), 6)


def test_an_ex_date_that_the_second_file_does_not_have_is_one(home: Path) -> None:
    commit(home, "run-2", {"sector_bars": [_bar(day) for day in range(LAST + 2)]})
    commit(home, "run-3", {"sector_bars": _second_evening(FIRST, LAST, LAST)})
    assert _seams(home) == [(SESSIONS[FIRST], FACTOR), (SESSIONS[LAST + 1], round(1 / FACTOR, 6))]


def test_a_bar_that_was_adjusted_and_corrected_at_once_ends_no_run(home: Path) -> None:
    commit(home, "run-2", {"sector_bars": [_bar(day) for day in range(LAST + 1)]})
    second = _second_evening(FIRST, LAST, LAST + 2)
    second[LAST]["low"] -= 0.01
    second[LAST]["volume"] = 1000
    commit(home, "run-3", {"sector_bars": second})
    assert _seams(home) == [(SESSIONS[FIRST], FACTOR)]
    events = ask(
        home,
        "select kind, first_date, last_date, rows, round(factor, 6) from ops.series_restatements where symbol = 'XLE'",
    )
    assert events == [("adjustment", SESSIONS[FIRST], SESSIONS[LAST], LAST - FIRST + 1, FACTOR)]


def test_the_order_of_the_two_evenings_is_indifferent(home: Path) -> None:
    commit(home, "run-3", {"sector_bars": _second_evening(FIRST, LAST, LAST + 2)})
    commit(home, "run-2", {"sector_bars": [_bar(day) for day in range(LAST + 2)]})
    assert Lake(home).manifest().files_of_dataset("sector_bars")
    assert _seams(home) == [(SESSIONS[FIRST], FACTOR)]
