"""Windows of a year on the panel, with a split in them, against pandas: too long to be worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.models import harness
from tests.support.chain import run_chain

N = 330
SPLIT_AT = 280


def stock(number: int) -> pd.DataFrame:
    """Prices in whole millionths as traded; stock 1 splits 4:1 and is 4 shares of the first session from then on."""
    draws = np.random.default_rng(number)
    close = (80 * np.exp(np.cumsum(draws.normal(0, 0.02, N)))).round(2)
    factor = np.where((np.arange(N) >= SPLIT_AT) & (number == 1), 4, 1)
    table = pd.DataFrame({"close": close, "high": close + 0.5, "low": close - 0.5, "factor": factor})
    table["high"] += draws.integers(0, 100, N) / 100
    table["low"] -= draws.integers(0, 100, N) / 100
    table["volume"] = draws.integers(10, 90, N) * 1000 * factor
    return table


def panel_of(stocks: dict[int, pd.DataFrame]) -> list[dict[str, Any]]:
    return [
        {
            "instrument_no": number,
            "seq": t + 1,
            "age": t + 1,
            "market_age": t + 1,
            "sessions_since_bar": 0,
            "universe_set_id": 1,
            "close_e6": round(row["close"] * 1e6 / row["factor"]),
            "forward_close": float(round(row["close"] * 1e6)),
            "high_e6": round(row["high"] * 1e6 / row["factor"]),
            "low_e6": round(row["low"] * 1e6 / row["factor"]),
            "volume": int(row["volume"]),
            "is_return_broken": False,
            "is_mean_broken": False,
            "fill": "none",
        }
        for number, table in stocks.items()
        for t, row in enumerate(table.to_dict("records"))
    ]


def test_intraday_highs_and_lows_against_pandas() -> None:
    stocks = {number: stock(number) for number in range(1, 7)}
    con = run_chain(["intermediate.intraday_cells"], {"intermediate.panel": pa.Table.from_pylist(panel_of(stocks))})
    ours = con.execute(
        """select seq, sum(intraday_members), sum(intraday_highs_52w), sum(intraday_lows_52w) from intermediate.intraday_cells
        group by seq order by seq"""
    ).fetchall()
    highs, lows = np.zeros(N, int), np.zeros(N, int)
    for table in stocks.values():
        highs += table["high"] > table["high"].shift().rolling(251).max()
        lows += table["low"] < table["low"].shift().rolling(251).min()
    assert [row[0] for row in ours] == list(range(252, N + 1))
    assert all(members == 6 for _, members, _, _ in ours)
    assert [high for _, _, high, _ in ours] == highs[251:].tolist()
    assert [low for _, _, _, low in ours] == lows[251:].tolist()
    assert highs[SPLIT_AT:].sum() > 0
    assert lows[251:].sum() > 0


@pytest.mark.parametrize("name", ["breadth_cells", "flow_cells", "intraday_cells"])
def test_cells_made_in_spans_of_sessions_are_those_made_at_once(name: str) -> None:
    """With bars that are missing, breaks, and more stocks than a chunk of DuckDB has rows for."""
    panel = panel_of({number: stock(number) for number in range(1, 21)})
    draws = np.random.default_rng(0)
    for row in panel:
        row["market_cap"] = 1e9 * draws.integers(1, 5)
        row["multiplier_e9"] = int(draws.integers(-1000, 1000)) * 10**6
        row["is_mean_broken"] = bool(draws.random() < 0.001)
        if draws.random() < 0.01:
            absent = ("close_e6", "forward_close", "high_e6", "low_e6", "volume", "market_cap", "multiplier_e9")
            row.update({**dict.fromkeys(absent), "fill": "absent", "sessions_since_bar": 1})
    con = run_chain([f"intermediate.{name}"], {"intermediate.panel": pa.Table.from_pylist(panel)})
    sql = harness.models()[f"intermediate.{name}"].sql
    at_once = con.execute(f"from ({sql}) order by all", {"shard_first": 1, "shard_last": N}).fetchall()
    assert len(at_once) > N - 252
    for length in (1, 40):
        spans = [(first, min(first + length - 1, N)) for first in range(1, N + 1, length)]
        rows = [row for a, b in spans for row in con.execute(sql, {"shard_first": a, "shard_last": b}).fetchall()]
        assert sorted(rows, key=str) == sorted(at_once, key=str)


def test_signals_of_a_stock_against_pandas() -> None:
    table = stock(1)
    panel = [
        {
            **{
                name: row[name]
                for name in row
                if name not in ("market_age", "sessions_since_bar", "fill", "high_e6", "low_e6")
            },
            "is_scored": True,
        }
        for row in panel_of({1: table})
    ]
    profiles = [
        {
            "instrument_no": 1,
            "from_seq": 0,
            "to_seq": 9999,
            "universe_set_id": 1,
            "universes": ["all", "sector:Energy", "sp500"],
        }
    ]
    con = run_chain(
        ["intermediate.stock_signals"],
        {
            "intermediate.scored_panel": pa.Table.from_pylist(panel),
            "intermediate.universe_sets": pa.Table.from_pylist(profiles),
        },
    )
    ours = con.execute(
        "select * exclude (instrument_no, sector, cmf) from intermediate.stock_signals order by seq"
    ).df()
    assert len(ours) == N
    close, traded = table["close"], table["close"] * table["volume"] / table["factor"]
    theirs = {
        **{f"return_{n}d_e9": close / close.shift(n) - 1 for n in (21, 63, 126, 252)},
        "high_distance_e9": close / close.rolling(252).max() - 1,
        "volume_ratio_e9": traded / traded.rolling(63).mean(),
    }
    for name, series in theirs.items():
        np.testing.assert_allclose(ours[name].astype(float), 1e9 * series, rtol=1e-9, atol=1.5, err_msg=name)


def test_unusual_volume_and_returns_of_cells_against_pandas() -> None:
    stocks = {number: stock(number) for number in range(1, 7)}
    panel = [{**row, "market_cap": 1e9 * row["instrument_no"]} for row in panel_of(stocks)]
    con = run_chain(["intermediate.flow_cells"], {"intermediate.panel": pa.Table.from_pylist(panel)})
    ours = con.execute(
        """select seq, sum(return_sum_e9) as r, sum(cap_return_sum_e9) as cap_r, sum(unusual_buys) as buys,
        sum(unusual_sells) as sells, sum(volume_mean_members) as members from intermediate.flow_cells group by seq order by seq"""
    ).df()
    theirs = pd.DataFrame(0.0, index=range(N), columns=["r", "cap_r", "buys", "sells", "members"])
    for number, table in stocks.items():
        change = table["close"].pct_change()
        volume = table["volume"] / table["factor"]
        unusual = volume > 2 * volume.rolling(21).mean()
        theirs["r"] += 1e9 * change.fillna(0)
        theirs["cap_r"] += 1e9 * change.fillna(0) * 100_000 * number
        theirs["buys"] += unusual & (change > 0)
        theirs["sells"] += unusual & (change < 0)
        theirs["members"] += volume.rolling(21).mean().notna()
    np.testing.assert_allclose(ours["r"][1:].astype(float), theirs["r"][1:], rtol=0, atol=4)
    np.testing.assert_allclose(ours["cap_r"][1:].astype(float), theirs["cap_r"][1:], rtol=0, atol=2e6)
    for name in ("buys", "sells", "members"):
        np.testing.assert_array_equal(ours[name].astype(float), theirs[name], err_msg=name)
    assert theirs["buys"].sum() + theirs["sells"].sum() > 0
