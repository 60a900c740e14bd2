"""The index sheet's look-ups by block and by packed number against plain loops over random closes with lost sessions."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.chain import run_chain
from warehouse.calendar import sessions_between

DAYS = sessions_between(date(2015, 1, 2), date(2016, 12, 30))
MODELS = ["intermediate.index_runs", "intermediate.index_records", "intermediate.index_levels"]


def closes(seed: int, lost: float) -> dict[int, int]:
    """Close in millionths by number of the session; small steps, so that equal moves and equal closes occur."""
    draws = np.random.default_rng(seed)
    steps = draws.integers(-3, 4, len(DAYS))
    kept = draws.random(len(DAYS)) >= lost
    return {t: int(close) * 1_000_000 for t, close in enumerate(500 + np.cumsum(steps)) if kept[t]}


def runs(series: dict[int, int]) -> dict[int, int]:
    """Signed number of sessions in a row with a change of one sign; no entry where the session before is absent."""
    found: dict[int, int] = {}
    for t, close in series.items():
        if t - 1 in series:
            side = (close > series[t - 1]) - (close < series[t - 1])
            last = found.get(t - 1, 0)
            found[t] = last + side if last * side > 0 else side
    return found


def last_as_large(series: dict[int, int], t: int, k: int, in_percent: bool) -> int | None:
    """The last session before `t` that ends a move over |k| sessions in k's direction at least as large as that at `t`."""

    def move(s: int) -> int | None:
        if s not in series or s - abs(k) not in series:
            return None
        points = (series[s] - series[s - abs(k)]) * (1 if k > 0 else -1)
        return round(points / series[s - abs(k)] * 1e12) if in_percent else points

    own = move(t)
    assert own is not None
    for s in range(t - 1, -1, -1):
        other = move(s)
        if other is not None and other >= own:
            return s
    return None


@st.composite
def walks(draw: st.DrawFn) -> dict[int, int]:
    """A short series of small steps from which sessions are lost, so that what fails is shown small."""
    steps = draw(st.lists(st.integers(-3, 3), min_size=2, max_size=90))
    lost = draw(st.sets(st.integers(0, len(steps) - 1), max_size=len(steps) // 12))
    return {t: int(close) * 1_000_000 for t, close in enumerate(500 + np.cumsum(steps)) if t not in lost}


@settings(max_examples=12, deadline=None)
@given(series=walks())
def test_any_walk_against_plain_loops(series: dict[int, int]) -> None:
    check(series)


@pytest.mark.parametrize(("seed", "lost"), [(1, 0.0), (2, 0.02)])
def test_two_years_against_plain_loops(seed: int, lost: float) -> None:
    series = closes(seed, lost)
    assert check(series) > 0.5 * len(series)


def check(series: dict[int, int]) -> int:
    """Compare all three models with the loops; returns how many sessions have a record close."""
    calendar = pa.table({"session_date": pa.array(DAYS, pa.date32()), "seq": range(len(DAYS))})
    n = len(series)
    given_series = pa.table(
        {
            "index_id": ["SPX"] * n,
            "source": ["s"] * n,
            "basis": ["raw"] * n,
            "series_rank": [1] * n,
            "seq": list(series),
            "session_date": pa.array([DAYS[t] for t in series], pa.date32()),
            "close": [close / 1e6 for close in series.values()],
        }
    )
    con = run_chain(MODELS, {"intermediate.index_series": given_series, "staging.sessions": calendar})
    own_runs = runs(series)
    found = dict(
        con.execute("select seq, run_sessions from intermediate.index_runs where run_sessions is not null").fetchall()
    )
    assert found == own_runs

    records = con.execute(
        "select seq, measure, since_seq from intermediate.index_records where period = 'day'"
    ).fetchall()
    expected = {
        (t, measure, last_as_large(series, t, k, measure == "pct"))
        for t, k in own_runs.items()
        if k
        for measure in ("points", "pct")
    }
    assert set(records) == expected

    levels = con.execute(
        "select seq, record_e6, record_seq, highest_place, lowest_place from intermediate.index_levels"
    ).fetchall()
    assert len(levels) == n
    for t, record, record_seq, highest, lowest in levels:
        known = {s: close for s, close in series.items() if s <= t}
        year = [close for s, close in known.items() if DAYS[s].year == DAYS[t].year]
        if record is not None:
            assert record == max(known.values())
            assert record_seq == min(s for s, close in known.items() if close == record)
        if highest is not None:
            assert highest == 1 + sum(close > series[t] for close in year)
            assert lowest == 1 + sum(close < series[t] for close in year)
    return sum(record is not None for _, record, _, _, _ in levels)
