"""What must hold of every metric, whatever the market: nothing looks ahead, a split is no event, the parts make up the whole."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.properties.market import DAYS, Fault, Market, Split, compare, dated_tables

# Each example builds whole warehouses: `make test` takes the written ones, `make properties` draws as many more.
DRAWN = int(os.environ.get("BREADTHWISE_MARKETS", "0"))
SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(
    max_examples=max(DRAWN, 1),
    deadline=None,
    # CI draws the same markets each time, a person others
    derandomize=bool(os.environ.get("BREADTHWISE_SAME_DRAWS")),
    # a failing market is shown as it was drawn: to shrink it would take an hour
    phases=[Phase.explicit, Phase.generate] if DRAWN else [Phase.explicit],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# shares and prices as they were traded, which a split does change
TRADED = {
    "marts.equity_facts",
    "marts.rating_actions",
    "marts.splits",
    "reports.analyst_actions",
    "reports.data_quality",
}
SHARES = "up_volume, down_volume, trin, other_reasons"


class Warehouses:
    """Builds each market once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: dict[Market, Path] = {}

    def of(self, market: Market) -> Path:
        if market not in self.made:
            home = self.folder / f"home-{len(self.made)}"
            home.mkdir()
            self.made[market] = market.warehouse(home)
        return self.made[market]


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> Warehouses:
    return Warehouses(tmp_path_factory.mktemp("markets"))


@FEW
@given(seed=SEEDS, missing=st.integers(1, 60))
@example(seed=1, missing=17)
@example(seed=2, missing=1)
def test_later_rows_change_nothing_at_or_before_a_session(warehouses: Warehouses, seed: int, missing: int) -> None:
    known = len(DAYS) - missing
    full, cut = warehouses.of(Market(seed)), warehouses.of(Market(seed, days=known))
    tables = dated_tables(full)
    assert len(tables) >= 30
    assert compare(full, cut, tables, f"session_date <= date '{DAYS[known - 1]}'") == {}


@FEW
@given(
    seed=SEEDS,
    missing=st.integers(1, 60),
    kinds=st.lists(st.sampled_from(["spike", "shift", "repeat", "frozen", "fund_spike"]), min_size=1, max_size=3),
    number=st.integers(1, 11),
    factor=st.sampled_from([0.01, 0.25, 0.5, 2.0, 10.0, 100.0]),
    ago=st.integers(-2, 3),
)
@example(seed=1, missing=17, kinds=["spike", "fund_spike", "frozen"], number=4, factor=100.0, ago=0)
@example(seed=2, missing=1, kinds=["shift", "repeat"], number=7, factor=0.25, ago=1)
def test_later_rows_change_nothing_shown_of_a_market_with_faults(
    warehouses: Warehouses, seed: int, missing: int, kinds: list[str], number: int, factor: float, ago: int
) -> None:
    """A fault of a day or two before the last session that is known, on it, or after it: what is shown before it stays."""
    known = len(DAYS) - missing
    at = min(known - 1 - ago, len(DAYS) - 1)
    faults = tuple(Fault(kind, at, number, factor) for kind in kinds)
    full, cut = (warehouses.of(Market(seed, days=days, faults=faults)) for days in (len(DAYS), known))
    tables = [table for table in dated_tables(full) if table not in ("marts.suspect_rows", "reports.data_quality")]
    # the close of the last session may be stated by the next one: all before it stands
    assert compare(full, cut, tables, f"session_date < date '{DAYS[known - 1]}'") == {}
    # scores are of stocks
    of_funds = [t for t in tables if (".index_" in t or ".sector_" in t) and not t.endswith(".sector_scores")]
    assert compare(full, cut, of_funds, f"session_date = date '{DAYS[known - 1]}'") == {}
    # a verdict is a row of its own, on the day on which it falls
    assert compare(full, cut, ["marts.suspect_rows"], f"session_date < date '{DAYS[known - 1]}'") == {}


@FEW
@given(
    seed=SEEDS,
    stock=st.integers(0, 35),
    at=st.integers(30, len(DAYS) - 30),
    ratio=st.sampled_from([(2, 1), (10, 1), (1, 4), (1, 10)]),
)
@example(seed=1, stock=3, at=200, ratio=(10, 1))
@example(seed=2, stock=20, at=90, ratio=(1, 4))
def test_a_split_leaves_every_adjusted_metric_unchanged(
    warehouses: Warehouses, seed: int, stock: int, at: int, ratio: tuple[int, int]
) -> None:
    plain = warehouses.of(Market(seed))
    split = warehouses.of(Market(seed, splits=(Split(stock, at, *ratio),)))
    tables = [table for table in dated_tables(plain) if table not in TRADED and not table.endswith(".breadth_daily")]
    of_figures = [table for table in tables if table not in ("reports.breadth", "reports.headline")]
    assert compare(plain, split, of_figures) == {}
    # the sentence on the session's data says that there was a split
    assert compare(plain, split, ["reports.headline"], "topic <> 'data_quality'") == {}
    assert compare(plain, split, ["marts.breadth_daily"], omit=SHARES) == {}
    assert compare(plain, split, ["reports.breadth"], omit="trin") == {}


@FEW
@given(seed=SEEDS)
@example(seed=1)
@example(seed=2)
def test_the_parts_make_up_the_whole(warehouses: Warehouses, seed: int) -> None:
    counts = ("members", "eligible", "advances", "declines", "unchanged", "sma50_members", "range_52w_members")
    with duckdb.connect(str(warehouses.of(Market(seed))), read_only=True) as con:
        ((rows, broken),) = con.execute(
            """select count(*), count(*) filter (where advances + declines + unchanged <> eligible) from marts.breadth_daily
            where reason is null"""
        ).fetchall()
        assert rows > 5000
        assert broken == 0
        for part in ("cap:%", "nasdaq_sector:%"):
            sums = ", ".join(f"sum({name}) filter (where universe like '{part}')" for name in counts[:2])
            whole = ", ".join(f"sum({name}) filter (where universe = 'all')" for name in counts[:2])
            ((days, different),) = con.execute(
                f"""select count(*), count(*) filter (where parts <> whole) from
                (select [{sums}] as parts, [{whole}] as whole from marts.breadth_daily group by session_date)"""
            ).fetchall()
            assert days == len(DAYS)
            assert different == 0
            # where every part is defined its counts add up too
            named = ", ".join(
                f"sum({name}) filter (where universe like '{part}') as {name}_parts" for name in counts[2:]
            )
            held = " or ".join(f"t.{name}_parts <> w.{name}" for name in counts[2:])
            ((days, different),) = con.execute(
                f"""with parts as (select session_date, {named} from marts.breadth_daily group by session_date
                having bool_and(reason is null or members = 0) filter (where universe like '{part}'))
                select count(*), count(*) filter (where {held}) from parts as t
                inner join marts.breadth_daily as w on t.session_date = w.session_date and w.universe = 'all'
                where w.reason is null"""
            ).fetchall()
            assert days > 30
            assert different == 0


@FEW
@given(seed=SEEDS)
@example(seed=1)
@example(seed=2)
def test_a_market_shows_all_metrics(warehouses: Warehouses, seed: int) -> None:
    """The other properties would hold of empty tables too."""
    with duckdb.connect(str(warehouses.of(Market(seed))), read_only=True) as con:
        for table, columns in {
            "breadth_daily": (
                "trin",
                "intraday_highs_52w",
                "high_low_index",
                "zweig_ema",
                "is_divergence",
                "return_cap_weight_pct",
            ),
            "flows_by_cap_band": ("signed_volume_flow_usd", "cmf_flow_usd", "cmf", "unusual_buys"),
            "sector_scores": ("sector_score", "fundamental_score"),
            "fundamental_growth": ("revenue_growth_3y_pct", "eps_growth_1y_pct", "net_margin_pct"),
            "macro_daily": ("yield_2y_pct", "slope_10y_2y_pp"),
            "index_statistics": ("value", "since_date"),
            "precedents": ("value",),
        }.items():
            for column in columns:
                ((found,),) = con.execute(f"select count({column}) from marts.{table}").fetchall()
                assert found > 20, f"{table}.{column}"
