"""Late, misdated and renamed splits: where each counts, and that nothing later moves it."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from tests.models import harness
from tests.support.between import models_between
from transforms.engine import run
from warehouse.calendar import sessions_between

DAYS = sessions_between(date(2026, 1, 2), date(2026, 3, 31))
# from RENAMED on the stock OLD is called NEW; from REUSED on another stock bears OLD
RENAMED, REUSED = 24, 40
TARGETS = ("intermediate.stated_splits", "intermediate.splits")
WAVES = [3, -4] * 31
RATIOS = [(2, 1), (10, 1), (3, 2), (1, 4), (1, 20)]


class StatedSplit(NamedTuple):
    """A split that is stated on day `stated` of DAYS, and stands in the prices from day `true` on."""

    stated: int
    true: int
    ratio: tuple[int, int]
    name: str
    is_told_twice: bool


def _bars(split: StatedSplit, moves: list[int], until: int) -> list[tuple[Any, ...]]:
    """Closes of the renamed stock, of the one that reuses its name, and of a third, to day `until`."""
    rows, close = [], 40_000_000.0
    numerator, denominator = split.ratio
    for day in range(until + 1):
        close *= 1 + moves[day] / 1000
        shown = close * denominator / numerator if day >= split.true else close
        rows.append(("NEW" if day >= RENAMED else "OLD", DAYS[day], round(shown)))
        rows.append(("ZZZ", DAYS[day], round(close)))
        if day >= REUSED:
            rows.append(("OLD", DAYS[day], 7_000_000 + 1000 * moves[day]))
    return rows


def _found(split: StatedSplit, moves: list[int], until: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The stated splits as they are found, and those in force, of a lake that knows all to day `until`."""
    with harness.connection() as con:
        given, order = models_between(TARGETS)
        for table in given:
            harness.make_input(con, table, None)
        con.execute("insert into staging.series_rank values ('equity_bars', 'one', 'raw', 1)")
        con.execute(
            "insert into staging.symbol_changes (from_symbol, to_symbol, change_date) values ('OLD', 'NEW', ?)",
            [DAYS[RENAMED]],
        )
        con.executemany(
            """insert into staging.equity_bars (symbol, session_date, source, basis, close_e6, is_final)
            values (?, ?, 'one', 'raw', ?, true)""",
            _bars(split, moves, until),
        )
        for later in range(2 if split.is_told_twice else 1):
            if split.stated + later <= until:
                con.execute(
                    "insert into staging.splits (symbol, ex_date, numerator, denominator, source) values (?, ?, ?, ?, ?)",
                    [split.name, DAYS[split.stated + later], *split.ratio, f"source {later}"],
                )
        for name in order:
            run.build_model(con, harness.models()[name], harness.VALUES)
        first = con.execute("select seq from staging.sessions where session_date = ?", [DAYS[0]]).fetchall()[0][0]
        stated = con.execute(
            """select symbol, status, applied_seq - ?, day_seq - ? from intermediate.stated_splits order by all""",
            [first, first],
        ).fetchall()
        in_force = con.execute(
            """select e.instrument_id, p.seq - ?, p.factor from intermediate.splits as p
            inner join intermediate.equity_series as e on p.instrument_no = e.instrument_no order by all""",
            [first],
        ).fetchall()
    return stated, in_force


def _wanted(split: StatedSplit) -> tuple[str, int | None]:
    """What has to become of it. On the first day of a name that is used again its bearer has no bar to compare with."""
    window = 5 + split.is_told_twice
    if split.true == split.stated:
        return "applied", split.stated
    if split.stated < split.true <= split.stated + window:
        return "late", split.true
    if split.stated - 5 <= split.true < split.stated:
        return "early", None
    return "contradicted", None


@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    stated=st.integers(8, REUSED - 9),
    off=st.integers(-7, 8),
    ratio=st.sampled_from(RATIOS),
    name=st.sampled_from(["OLD", "NEW"]),
    is_told_twice=st.booleans(),
    moves=st.lists(st.integers(-25, 25), min_size=len(DAYS), max_size=len(DAYS)),
    ago=st.integers(-2, 6),
)
# on its day, under the name of before and of after; on the day of the change itself, each way; late, early, never
@example(stated=RENAMED, off=0, ratio=(1, 20), name="OLD", is_told_twice=True, moves=WAVES, ago=0)
@example(stated=RENAMED, off=2, ratio=(10, 1), name="NEW", is_told_twice=False, moves=WAVES, ago=1)
@example(stated=12, off=-3, ratio=(1, 4), name="NEW", is_told_twice=False, moves=WAVES, ago=0)
@example(stated=30, off=8, ratio=(3, 2), name="NEW", is_told_twice=True, moves=WAVES, ago=5)
def test_a_split_counts_where_its_step_stands(
    stated: int, off: int, ratio: tuple[int, int], name: str, is_told_twice: bool, moves: list[int], ago: int
) -> None:
    split = StatedSplit(stated, stated + off, ratio, name, is_told_twice)
    # a name that ended is used for what came before its end
    if name == "OLD" and stated > RENAMED:
        split = split._replace(name="NEW")
    status, applied = _wanted(split)
    splits, in_force = _found(split, moves[: len(DAYS)], len(DAYS) - 1)
    assert splits == [("OLD", status, applied, split.stated)]
    assert in_force == ([] if applied is None else [("OLD", applied, ratio[0] / ratio[1])])
    if split.name == "NEW" and stated < RENAMED:
        return  # nobody can state it under a name to come
    # what is known some sessions before, on or after it gives the same up to then
    until = split.stated + ago
    _, in_force_then = _found(split, moves[: len(DAYS)], until)
    assert in_force_then == [split for split in in_force if split[1] <= until]


def test_a_split_of_a_name_used_again_is_its_bearers_of_the_day() -> None:
    """NEW was OLD until its 24th session; the OLD of the 45th is another stock, whose prices go on as they were."""
    split = StatedSplit(45, 45, (2, 1), "OLD", False)
    splits, in_force = _found(split, [1] * len(DAYS), len(DAYS) - 1)
    assert [(status, applied) for _, status, applied, _ in splits] == [("contradicted", None)]
    assert splits[0][0] == f"OLD@{DAYS[REUSED]}"
    assert in_force == []
    splits, in_force = _found(split._replace(name="NEW"), [1] * len(DAYS), len(DAYS) - 1)
    assert splits == [("OLD", "applied", 45, 45)]
    assert in_force == [("OLD", 45, 2.0)]
