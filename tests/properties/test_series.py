"""The choice of a series hangs on nothing later, and not on the order in which rows came."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.models import harness
from tests.support.between import models_between
from transforms.engine import run
from warehouse.calendar import sessions_between

DAYS = sessions_between(date(2026, 1, 2), date(2026, 2, 6))
SERIES = [("one", "raw"), ("two", "raw"), ("three", "total_return")]
GIVEN = frozenset({
    "staging.sessions", "staging.sessions_in_reach", "staging.carried_bars", "staging.equity_bars", "staging.splits",
    "staging.series_rank", "intermediate.instruments",
})  # fmt: skip
TARGETS = ("intermediate.panel_bars", "intermediate.series_joints")


# a bar: stock, series, day, level, whether it states the close before, whether it is final
BARS = st.lists(
    st.tuples(
        st.sampled_from(["AAA", "BBB"]),
        st.sampled_from(SERIES),
        st.integers(0, len(DAYS) - 1),
        st.sampled_from([1.0, 1.0, 1.0, 1.0004, 1.01, 2.0, 100.0, 1e6]),
        st.booleans(),
        st.sampled_from([True, True, True, False]),
    ),
    min_size=20,
    max_size=110,
    unique_by=lambda one: one[:3],
)
Bar = tuple[str, tuple[str, str], int, float, bool, bool]


def _row(one: Bar) -> tuple[Any, ...]:
    symbol, (source, basis), day, level, states, is_final = one
    close = round((100 + day) * level * 1_000_000)
    return symbol, DAYS[day], source, basis, close, round((99 + day) * 1_000_000) if states else None, is_final


def _shown(bars: list[Bar]) -> list[tuple[Any, ...]]:
    """The bars in force and the joints of a lake with these bars, by session."""
    with harness.connection() as con:
        given, order = models_between(TARGETS, GIVEN)
        for table in given:
            harness.make_input(con, table, None)
        con.execute("""insert into staging.splits (symbol, ex_date, numerator, denominator, source)
            values ('AAA', '2026-01-20', 2, 1, 's')""")
        for rank, (source, basis) in enumerate(SERIES):
            con.execute("insert into staging.series_rank values ('equity_bars', ?, ?, ?)", [source, basis, rank])
        con.execute("""insert into intermediate.instruments (symbol, instrument_id, valid_from)
            values ('AAA', 'AAA', '2026-01-01'), ('BBB', 'BBB', '2026-01-01')""")
        for one in bars:  # which may be none
            con.execute(
                """insert into staging.equity_bars (symbol, session_date, source, basis, close_e6, previous_close_e6, is_final)
                values (?, ?, ?, ?, ?, ?, ?)""",
                _row(one),
            )
        for name in order:
            run.build_model(con, harness.models()[name], harness.VALUES)
        return _rows(con)


def _rows(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute("""
        select s.session_date, e.instrument_id, e.source, e.basis, b.close_e6,
            coalesce(c.is_excluded, x.is_out, false) as is_excluded, j.is_proven, j.step
        from intermediate.panel_bars as b
        inner join staging.sessions as s on b.seq = s.seq
        inner join intermediate.equity_series as e on b.series_no = e.series_no
        left join intermediate.series_choice as c on b.series_no = c.series_no and b.seq = c.seq
        left join intermediate.excluded_bars as x on b.series_no = x.series_no and b.seq = x.seq
        left join intermediate.series_joints as j on b.instrument_no = j.instrument_no and b.seq = j.seq
        order by all""").fetchall()


@settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(bars=BARS, until=st.integers(2, len(DAYS) - 1), order=st.randoms(use_true_random=False))
def test_later_bars_change_no_choice_and_their_order_none(bars: list[Bar], until: int, order: Any) -> None:
    shown = _shown(bars)
    assert _shown([one for one in bars if one[2] <= until]) == [row for row in shown if row[0] <= DAYS[until]]
    shuffled = list(bars)
    order.shuffle(shuffled)
    assert _shown(shuffled) == shown
    days = {(row[0], row[1]) for row in shown}
    assert len(days) == len(shown), "one bar of each stock and session"
    # a session on which the best series has a final bar is never lost, and one without any is none
    final = [one for one in bars if one[5]]
    assert {(DAYS[one[2]], one[0]) for one in final if one[1] == SERIES[0]} <= days
    assert days <= {(DAYS[one[2]], one[0]) for one in final}
