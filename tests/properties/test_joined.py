"""What is in force of an index or a fund, and its returns, hang on nothing later and not on the order in which rows came."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.models import harness
from tests.support.between import models_between
from transforms.engine import run
from warehouse.calendar import sessions_between

DAYS = sessions_between(date(2026, 1, 2), date(2026, 2, 6))
SERIES = [("one", "raw"), ("two", "total_return"), ("three", "raw")]
GIVEN = frozenset({
    "staging.sessions", "staging.index_bars", "staging.sector_bars", "staging.splits", "staging.series_rank",
    "intermediate.restated_steps", "intermediate.equity_series", "intermediate.series_bars", "intermediate.excluded_bars",
    "intermediate.given_splits", "intermediate.stock_steps",
})  # fmt: skip
TARGETS = ("intermediate.window_returns", "intermediate.relative_strength", "intermediate.index_runs")


# a bar: symbol, series, day, level (a step beyond the limits is set aside until the next bar)
BARS = st.lists(
    st.tuples(
        st.sampled_from(["SPX", "XLE", "SPY"]),
        st.sampled_from(SERIES),
        st.integers(0, len(DAYS) - 1),
        st.sampled_from([1.0, 1.0, 1.0, 1.0, 1.0004, 1.01, 0.5, 2.0]),
    ),
    min_size=30,
    max_size=130,
    unique_by=lambda one: one[:3],
)
Bar = tuple[str, tuple[str, str], int, float]
# the step of day 9 is believed on day 13; on day 10 another series goes on, whose return had no base then
BELIEVED_AFTER_ANOTHER: list[Bar] = [
    ("SPY", ("one", "raw"), 4, 2.0),
    ("SPY", ("one", "raw"), 9, 1.01),
    ("SPY", ("one", "raw"), 13, 1.01),
    ("SPY", ("two", "total_return"), 10, 1.0),
]


def _shown(bars: list[Bar]) -> tuple[list[Any], ...]:
    """Closes, returns, runs and relative strength of a lake with these bars, by session."""
    with harness.connection() as con:
        given, order = models_between(TARGETS, GIVEN)
        for table in given:
            harness.make_input(con, table, None)
        con.execute("""insert into staging.splits (symbol, ex_date, numerator, denominator, source)
            values ('XLE', '2026-01-20', 2, 1, 's')""")
        for dataset, key, symbols in (("index_bars", "index_id", ("SPX",)), ("sector_bars", "symbol", ("XLE", "SPY"))):
            for rank, (source, basis) in enumerate(SERIES):
                con.execute("insert into staging.series_rank values (?, ?, ?, ?)", [dataset, source, basis, rank])
            rows = [
                (symbol, DAYS[day], source, basis, (100 + day) * level, True)
                for symbol, (source, basis), day, level in bars
                if symbol in symbols
            ]
            if rows:
                columns = f"{key}, session_date, source, basis, close, is_final"
                con.executemany(f"insert into staging.{dataset} ({columns}) values (?, ?, ?, ?, ?, ?)", rows)
        for name in order:
            run.build_model(con, harness.models()[name], harness.VALUES)
        # of segments counts which closes share one: a close that was held back and is believed later begins one of its own
        closes = con.execute("""
            select * exclude (segment), segment = lag(segment) over (partition by symbol order by session_date) from (
                select session_date, index_id as symbol, source, basis, close, segment, null from intermediate.index_series
                where is_in_force and not is_held_back
                union all
                select session_date, symbol, source, basis, close, segment, forward_close from intermediate.sector_segments
                where is_in_force and not is_held_back)
            order by all""").fetchall()
        returns = con.execute("""
            select s.session_date, w.* exclude (seq) from intermediate.window_returns as w
            inner join staging.sessions as s on w.seq = s.seq order by all""").fetchall()
        runs = con.execute("""
            select session_date, source, close_e6, run_sessions, run_base_e6, place from intermediate.index_runs
            where is_printed qualify row_number() over (partition by seq order by is_joined desc, series_rank) = 1
            order by all""").fetchall()
        strength = con.execute("""
            select session_date, symbol, source, basis, rs from intermediate.relative_strength where not is_held_back
            qualify pair_rank = min(pair_rank) over (partition by symbol, seq) order by all""").fetchall()
        return closes, returns, runs, strength


@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])
@example(bars=BELIEVED_AFTER_ANOTHER, until=10, order=Random(0))
@given(bars=BARS, until=st.integers(2, len(DAYS) - 1), order=st.randoms(use_true_random=False))
def test_later_bars_change_nothing_shown_and_their_order_nothing(bars: list[Bar], until: int, order: Any) -> None:
    shown = _shown(bars)
    earlier = _shown([one for one in bars if one[2] <= until])
    for now, then in zip(shown, earlier, strict=True):
        assert then == [row for row in now if row[0] <= DAYS[until]]
    shuffled = list(bars)
    order.shuffle(shuffled)
    assert _shown(shuffled) == shown
    days = {row[:2] for row in shown[0]}
    assert len(days) == len(shown[0]), "one close of each index or fund and session"
