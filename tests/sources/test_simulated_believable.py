"""Is the simulated market one that a reader of market reports would believe?"""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from sources.providers import simulated

END = date(2026, 1, 23)
BANDS = ((0, 0.5), (0.5, 2), (2, 10), (10, 50), (50, 200), (200, 1e6))


@pytest.fixture(scope="module", params=[7, 20])
def market(request: pytest.FixtureRequest) -> simulated.SimulatedMarket:
    return simulated.generate_market(seed=request.param, end=END)


@pytest.fixture(scope="module")
def returns(market: simulated.SimulatedMarket) -> pd.DataFrame:
    """Returns of common stocks, sessions x symbols."""
    bars = market.tables["equity_bars"].select(["symbol", "session_date", "close", "previous_close"]).to_pandas()
    names = market.tables["securities"].select(["symbol", "name"]).to_pandas()
    stocks = names[names["name"].str.endswith(("Common Stock", "Ordinary Shares"))]["symbol"]
    bars = bars[bars["symbol"].isin(stocks)]
    bars["ret"] = bars["close"] / bars["previous_close"] - 1
    wide: pd.DataFrame = bars.pivot(index="session_date", columns="symbol", values="ret")
    return wide


def test_breadth(returns: pd.DataFrame) -> None:
    counted = returns.notna().sum(axis=1)
    share = (returns > 0).sum(axis=1) / counted
    assert 0.48 < share.mean() < 0.54
    assert ((share > 0.2) & (share < 0.8)).mean() > 0.75
    # there are days on which nearly all fall, and on which nearly all rise
    assert share.min() < 0.15
    assert share.max() > 0.85
    assert 0.001 < ((returns == 0).sum(axis=1) / counted).mean() < 0.02


def test_correlations_and_volatility(returns: pd.DataFrame) -> None:
    whole = returns.dropna(axis=1, thresh=len(returns) - 2).dropna()
    matrix = np.corrcoef(whole.to_numpy().T)
    count = len(matrix)
    assert count > 300
    assert 0.2 < (matrix.sum() - count) / (count * (count - 1)) < 0.4
    yearly = whole.std() * np.sqrt(252)
    assert 0.25 < yearly.mean() < 0.42
    # fat tails: a normal distribution has a kurtosis of 3, daily returns of shares have more
    scaled = (whole - whole.mean()) / whole.std()
    assert (scaled**4).mean().median() > 4


def test_indices(market: simulated.SimulatedMarket) -> None:
    bars = market.tables["index_bars"].select(["symbol", "session_date", "close"]).to_pandas()
    moves = bars.pivot(index="session_date", columns="symbol", values="close").pct_change().dropna()
    yearly = moves.std() * np.sqrt(252)
    assert ((yearly > 0.1) & (yearly < 0.3)).all()
    links = moves.corr()
    assert 0.85 < links.loc["SPX", "COMP"] < 1
    assert 0.75 < links.loc["SPX", "RUT"] < 0.97
    sizes = moves.abs()
    assert sizes["SPX"].max() < 0.12


def test_market_caps_fill_all_bands(market: simulated.SimulatedMarket) -> None:
    table = market.tables["equity_bars"].select(["session_date", "market_cap"]).to_pandas()
    caps = table[table["session_date"] == market.end]["market_cap"].dropna() / 1e9
    counts = [int(((caps >= low) & (caps < high)).sum()) for low, high in BANDS]
    assert min(counts) >= 8
    assert counts[0] > counts[3] > counts[5]


def test_a_fund_moves_with_the_members_of_its_list(market: simulated.SimulatedMarket) -> None:
    """IWM on the session after a list: the caps of the list's day times the returns, as far as caps are given."""
    listed = market.tables["memberships"].to_pandas()
    listed = listed[(listed["universe"] == "russell2000") & (listed["kind"] == "snapshot")]
    bars = market.tables["equity_bars"].to_pandas()
    fund = market.tables["sector_bars"].to_pandas()
    fund = fund[fund["symbol"] == "IWM"].set_index("session_date")["close"]
    days = sorted(d for d in listed["effective_date"].unique() if d >= market.start)
    assert len(days) >= 11
    for day in days:
        after = next(d for d in fund.index if d > day)
        old = bars[bars["session_date"] == day].set_index("symbol")
        new = bars[bars["session_date"] == after].set_index("symbol")
        names = listed[listed["effective_date"] == day]["symbol"]
        both = [s for s in names if s in old.index and s in new.index and old.loc[s, "market_cap"] > 0]
        caps = old.loc[both, "market_cap"]
        ret = new.loc[both, "close"] / new.loc[both, "previous_close"] - 1
        assert float((caps * ret).sum() / caps.sum()) == pytest.approx(fund[after] / fund[day] - 1, abs=0.0025)


def test_ratings_and_rates(market: simulated.SimulatedMarket) -> None:
    ratings = market.tables["rating_actions"].to_pandas()
    assert ratings["firm"].nunique() == 8
    assert len(ratings) > 1000
    assert set(ratings["action"].dropna()) == {"up", "down", "init", "main", "reit"}
    macro = market.tables["macro_observations"].to_pandas()
    assert {"FEDFUNDS", "DFF", "DFEDTARL", "DFEDTARU", "DGS2", "DGS10", "WALCL", "GDPC1"} <= set(macro["series_id"])
    yields = macro[macro["series_id"] == "DGS10"]["value"]
    assert 0 < yields.min() < yields.max() < 12
    steps = {round(b - a, 2) for a, b in pairwise(macro[macro["series_id"] == "DFEDTARU"]["value"])}
    assert steps <= {-0.25, 0.0, 0.25}
