"""Metrics of the SQL models against the same ones by pandas, scipy, statsmodels and TA-Lib on random series."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import talib
from scipy.stats import spearmanr
from statsmodels.stats.proportion import proportion_confint

from tests.support.chain import run_chain
from warehouse.calendar import sessions_between

DAYS = sessions_between(date(2024, 1, 2), date(2025, 6, 30))
FIRST_SEQ = 24_000


def random_walk(seed: int, n: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    draws = np.random.default_rng(seed).normal(0.0003, 0.012, n)
    walk: np.ndarray[Any, np.dtype[np.float64]] = 100 * np.exp(np.cumsum(draws))
    return walk.round(2)


def calendar() -> pa.Table:
    return pa.table({"session_date": pa.array(DAYS, pa.date32()), "seq": range(FIRST_SEQ, FIRST_SEQ + len(DAYS))})


def strength_table(rs: pd.Series) -> pa.Table:
    """`rs` by session as the model intermediate.relative_strength gives it."""
    return pa.table(
        {
            "symbol": ["XLK"] * len(rs),
            "pair_rank": [1] * len(rs),
            "source": ["test"] * len(rs),
            "basis": ["raw"] * len(rs),
            "seq": range(FIRST_SEQ, FIRST_SEQ + len(rs)),
            "session_date": pa.array(DAYS[: len(rs)], pa.date32()),
            "rs": rs.to_numpy(),
            "rs_e10": [int(x) for x in (rs * 1e10).round()],
        }
    )


def z(series: pd.Series, n: int) -> pd.Series:
    return (series - series.rolling(n).mean()) / series.rolling(n).std(ddof=0)


def rrg(rs: pd.Series, n: int) -> pd.DataFrame:
    """The variant of METRICS in pandas: trailing z-scores of the strength and of its change."""
    ratio = 100 + z(rs, n)
    return pd.DataFrame({"ratio": ratio, "momentum": 100 + z(100 * (ratio / ratio.shift() - 1), n)})


def full_sample_ratio(rs: pd.Series) -> pd.Series:
    """OpenBB's form (technical extension, relative_rotation): a z-score over the whole sample, whatever the day."""
    return (rs - rs.mean()) / rs.std()


def daily_rrg(rs: pd.Series) -> pd.DataFrame:
    tables = {"intermediate.relative_strength": strength_table(rs), "staging.sessions": calendar()}
    con = run_chain(["intermediate.relative_rotation"], tables)
    return con.execute(
        "select step as seq, rs_ratio as ratio, rs_momentum as momentum from intermediate.relative_rotation "
        "where graph = 'daily_50' order by step"
    ).df()


def test_daily_rotation_graph_against_pandas() -> None:
    rs = pd.Series(100 * random_walk(1, len(DAYS)) / random_walk(2, len(DAYS)))
    ours = daily_rrg(rs).set_index("seq")
    theirs = rrg(rs.round(10), 50)
    theirs.index = pd.RangeIndex(FIRST_SEQ, FIRST_SEQ + len(rs))
    assert ours["ratio"].first_valid_index() == FIRST_SEQ + 49
    assert ours["momentum"].first_valid_index() == FIRST_SEQ + 99
    np.testing.assert_allclose(ours["ratio"], theirs["ratio"].loc[ours.index], rtol=0, atol=1e-6)
    both = theirs["momentum"].loc[FIRST_SEQ + 99 :]
    np.testing.assert_allclose(ours["momentum"].loc[both.index], both, rtol=0, atol=1e-6)


def test_weekly_rotation_graph_against_pandas() -> None:
    rs = pd.Series(100 * random_walk(3, len(DAYS)) / random_walk(4, len(DAYS)))
    tables = {"intermediate.relative_strength": strength_table(rs), "staging.sessions": calendar()}
    con = run_chain(["intermediate.relative_rotation"], tables)
    ours = con.execute(
        "select rs_ratio as ratio, rs_momentum as momentum from intermediate.relative_rotation "
        "where graph = 'weekly_14' order by step"
    ).df()
    weeks = pd.Series(rs.round(10).to_numpy(), index=pd.DatetimeIndex(DAYS)).resample("W-FRI").last()
    theirs = rrg(weeks, 14).iloc[13:].reset_index(drop=True)
    # the last week of the calendar given here may not have ended on a Friday
    assert len(ours) == len(theirs)
    np.testing.assert_allclose(ours["ratio"], theirs["ratio"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours["momentum"].iloc[14:], theirs["momentum"].iloc[14:], rtol=0, atol=1e-6)


def test_a_full_sample_form_repaints_and_ours_does_not() -> None:
    """A rally of 40 more sessions moves all that OpenBB's form had shown, even across the axis; ours keeps every digit."""
    rs = pd.Series(100 * random_walk(5, len(DAYS)) / random_walk(6, len(DAYS)))
    cut = len(rs) - 40
    rs[cut:] *= np.linspace(1.01, 1.4, 40)
    before, after = full_sample_ratio(rs[:cut]), full_sample_ratio(rs)[:cut]
    assert (before - after).abs().median() > 0.1
    assert (before - after).abs().max() > 0.5
    assert ((before >= 0) != (after >= 0)).sum() >= 10
    ours_before, ours_after = daily_rrg(rs[:cut]), daily_rrg(rs)
    pd.testing.assert_frame_equal(ours_before, ours_after[: len(ours_before)], check_exact=True)


def test_rotation_intensity_and_dispersion_against_scipy_and_numpy() -> None:
    names = [
        ("Materials", "XLB"), ("Communication Services", "XLC"), ("Energy", "XLE"), ("Financials", "XLF"),
        ("Industrials", "XLI"), ("Information Technology", "XLK"), ("Consumer Staples", "XLP"), ("Real Estate", "XLRE"),
        ("Utilities", "XLU"), ("Health Care", "XLV"), ("Consumer Discretionary", "XLY"),
    ]  # fmt: skip
    draws = np.random.default_rng(7).normal(0, 4, (60, len(names))).round(3)
    draws[30, :2] = 1.5  # a tie
    returns = [
        {"session_date": DAYS[day], "sector": sector, "symbol": symbol, "return_1d_pct": 0.1, "return_21d_pct": x}
        for day in range(60)
        for (sector, symbol), x in zip(names, draws[day].tolist(), strict=True)
    ]
    con = run_chain(
        ["intermediate.sector_map", "marts.rotation_daily"],
        {"marts.sector_returns": pa.Table.from_pylist(returns), "staging.sessions": calendar()},
    )
    found = con.execute(
        "select rotation_intensity, dispersion_21d_pp from marts.rotation_daily order by session_date"
    ).fetchall()
    assert len(found) == 60
    for day, (intensity, dispersion) in enumerate(found):
        assert dispersion == pytest.approx(float(np.std(draws[day])), abs=1e-9)
        if day < 21:
            assert intensity is None
        else:
            assert intensity == pytest.approx(1 - spearmanr(draws[day], draws[day - 21]).statistic, abs=1e-9)


def sums_table(advances: list[int], declines: list[int]) -> pa.Table:
    n = len(advances)
    return pa.table(
        {
            "universe": ["all"] * n,
            "seq": range(FIRST_SEQ, FIRST_SEQ + n),
            "is_defined": [True] * n,
            "place": range(1, n + 1),
            "advances": advances,
            "declines": declines,
        }
    )


def test_zweig_and_mcclellan_means_against_pandas() -> None:
    draws = np.random.default_rng(8)
    advances = draws.integers(100, 900, len(DAYS)).tolist()
    declines = draws.integers(100, 900, len(DAYS)).tolist()
    con = run_chain(
        ["intermediate.breadth_thrust", "intermediate.breadth_momentum"],
        {"intermediate.net_advances": sums_table(advances, declines)},
    )
    a, d = pd.Series(advances), pd.Series(declines)
    share = (a / (a + d)).ewm(alpha=2 / 11, adjust=False).mean()
    ours = [x for (x,) in con.execute("select zweig_ema from intermediate.breadth_thrust order by seq").fetchall()]
    np.testing.assert_allclose(ours, share, rtol=1e-13)
    net = 1000 * (a - d) / (a + d)
    oscillator = net.ewm(alpha=0.1, adjust=False).mean() - net.ewm(alpha=0.05, adjust=False).mean()
    mine = con.execute("select ratio_10 - ratio_5 from intermediate.breadth_momentum order by seq").fetchall()
    np.testing.assert_allclose([x for (x,) in mine], oscillator, rtol=0, atol=1e-9)


def test_means_and_extremes_of_breadth_against_talib() -> None:
    """Counts above SMA 20, 50 and 200 and 52-week extremes of a few stocks, by TA-Lib's SMA, MAX and MIN on whole prices."""
    n = 320
    closes = {k: np.round(random_walk(20 + k, n) * 100) * 10_000 for k in range(1, 6)}
    panel = [
        {
            "instrument_no": k,
            "seq": FIRST_SEQ + i,
            "age": i + 1,
            "market_age": i + 1,
            "sessions_since_bar": 0,
            "universe_set_id": 1,
            "fill": "none",
            "close_e6": int(c),
            "forward_close": float(c),
            "volume": 1000,
            "is_return_broken": False,
            "is_mean_broken": False,
        }
        for k, series in closes.items()
        for i, c in enumerate(series)
    ]
    con = run_chain(["intermediate.breadth_cells"], {"intermediate.panel": pa.Table.from_pylist(panel)})
    ours = con.execute(
        """select seq, sum(above_sma20), sum(above_sma50), sum(above_sma200), sum(sma200_members), sum(new_highs_52w),
        sum(new_lows_52w) from intermediate.breadth_cells group by seq order by seq"""
    ).df()
    theirs = np.zeros((n, 6))
    for series in closes.values():
        for column, length in enumerate((20, 50, 200)):
            theirs[:, column] += series > np.nan_to_num(talib.SMA(series, length), nan=np.inf)
        theirs[199:, 3] += 1
        theirs[1:, 4] += series[1:] > np.nan_to_num(talib.MAX(series, 251)[:-1], nan=np.inf)
        theirs[1:, 5] += series[1:] < np.nan_to_num(talib.MIN(series, 251)[:-1], nan=-np.inf)
    np.testing.assert_array_equal(ours.iloc[:, 1:].to_numpy(dtype=float), theirs)
    assert theirs[:, 4].sum() > 0
    assert theirs[:, 5].sum() > 0


@pytest.mark.parametrize(("ups", "n"), [(14, 19), (0, 5), (8, 8), (1, 2), (6000, 9566)])
def test_wilson_interval_against_statsmodels(ups: int, n: int) -> None:
    summary = {
        "seq": FIRST_SEQ,
        "definition_id": "d",
        "is_match": True,
        "matches": n,
        "index_id": "SPX",
        "horizon_sessions": 21,
        "n": n,
        "mean_pct": 1.0,
        "median_pct": 1.0,
        "ups": ups,
        "n_against_base": 0,
        "aheads": 0,
        "days": n,
        "days_mean_pct": 1.0,
        "days_median_pct": 1.0,
        "day_ups": ups,
    }
    pair = {"measure": "streak_end", "lead_id": "RUT", "base_id": "SPX"}
    definition = {"definition_id": "d", "threshold": 8, "is_primary": True, **pair}
    con = run_chain(
        ["reports.precedents"],
        {
            "intermediate.precedent_summary": pa.Table.from_pylist([summary]),
            "intermediate.precedent_definitions": pa.Table.from_pylist([definition]),
            "staging.sessions": calendar(),
        },
    )
    ((low, high, days_low, days_high),) = con.execute(
        "select up_low_pct, up_high_pct, days_up_low_pct, days_up_high_pct from reports.precedents"
    ).fetchall()
    expected = [100 * bound for bound in proportion_confint(ups, n, alpha=0.05, method="wilson")]
    assert (low, high) == pytest.approx(tuple(expected), abs=0.0501)
    assert (days_low, days_high) == (low, high)
