"""Breadth and sector rotation as one writes them in pandas: the measure of what the pipeline gains.

Prices go forward through splits as whole numbers of 1e-6 USD (44 significant bits), whose sums are exact, so that the
counts can be compared to the last stock.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from warehouse.settings import Settings

GATE = 0.90
REPEATED_VOLUME = Settings().repeated_row_volume
BANDS = ["micro", "small", "mid", "upper_mid", "large", "mega"]
CAP_EDGES = [-np.inf, 0.5e9, 2e9, 10e9, 50e9, 200e9, np.inf]
COUNTS = [
    "members",
    "eligible",
    "advances",
    "declines",
    "unchanged",
    "sma20_members",
    "above_20",
    "sma50_members",
    "above_50",
    "sma200_members",
    "above_200",
    "range_52w_members",
    "new_highs_52w",
    "new_lows_52w",
    "up_volume",
    "down_volume",
]
KEYS = ["session_date", "sector", "gics", "listing", "band"]


def breadth(bars: pd.DataFrame, stocks: pd.DataFrame) -> pd.DataFrame:
    """Counts and momentum by universe and session.

    `bars`: symbol (categorical), session_date, close, previous_close, volume, market_cap, sorted by symbol and session.
    `stocks`: symbol, sector, gics, listing ('' where none).
    """
    flags = _flags(bars)
    flags = flags.merge(stocks, on="symbol", how="left")
    cells = flags.groupby(KEYS, observed=True)[COUNTS].sum().reset_index()
    return _momentum(_without_bars(_universes(cells), bars, stocks))


def _flags(bars: pd.DataFrame) -> pd.DataFrame:
    by = bars["symbol"].cat.codes
    close = (bars["close"] * 1e6).round()
    stated = (bars["previous_close"] * 1e6).round()
    last = close.groupby(by).shift(1)
    fell, rose = last / stated, stated / last
    factor = np.where(fell >= 1.5, fell.round(), np.where(rose >= 1.5, 1 / rose.round(), 1.0))
    stated_factor = pd.Series(np.where(stated.notna() & last.notna(), factor, 1.0), bars.index)
    exact = close * stated_factor.groupby(by).cumprod()
    price = exact * 513 - (exact * 513 - exact)
    lived = price.groupby(by)
    repeated = _repeated(close, bars["volume"], by)
    follows = repeated.groupby(by).shift(1, fill_value=False)
    previous = lived.shift(1).mask(repeated | follows)
    cap = bars["market_cap"].groupby(by).shift(1)
    eligible = previous.notna()
    flags = bars[["symbol", "session_date"]].copy()
    flags["members"] = 1
    flags["eligible"] = eligible.astype("int64")
    flags["advances"] = (price > previous).astype("int64")
    flags["declines"] = (price < previous).astype("int64")
    flags["unchanged"] = (price == previous).astype("int64")
    for n in (20, 50, 200):
        total = lived.rolling(n).sum().to_numpy()
        flags[f"sma{n}_members"] = (~np.isnan(total)).astype("int64")
        flags[f"above_{n}"] = (price.to_numpy() * n > total).astype("int64")
    highest = lived.rolling(251).max().groupby(level=0).shift(1).to_numpy()
    lowest = lived.rolling(251).min().groupby(level=0).shift(1).to_numpy()
    flags["range_52w_members"] = (~np.isnan(highest)).astype("int64")
    flags["new_highs_52w"] = (price.to_numpy() > highest).astype("int64")
    flags["new_lows_52w"] = (price.to_numpy() < lowest).astype("int64")
    flags["up_volume"] = bars["volume"].where(price > previous, 0)
    flags["down_volume"] = bars["volume"].where(price < previous, 0)
    band = pd.cut(cap, CAP_EDGES, right=False, labels=BANDS)
    flags["band"] = band.cat.add_categories("unknown").fillna("unknown")
    return pd.concat([flags, _idle(bars, flags)])


def _repeated(close: pd.Series, volume: pd.Series, by: pd.Series) -> pd.Series:
    """The bars that give the last one again: no return leads into them, nor from them."""
    lasts = pd.DataFrame({"close": close, "volume": volume}).groupby(by).shift(1)
    return (close == lasts["close"]) & (volume == lasts["volume"]) & (volume >= REPEATED_VOLUME)


def _idle(bars: pd.DataFrame, flags: pd.DataFrame) -> pd.DataFrame:
    """The week after a stock's last bar, in which it still counts as a member."""
    days = np.sort(bars["session_date"].unique())
    ends = flags.drop_duplicates("symbol", keep="last")[["symbol", "session_date"]]
    caps = bars.loc[ends.index, "market_cap"]
    ends = ends.assign(band=pd.cut(caps, CAP_EDGES, right=False, labels=BANDS).cat.add_categories("unknown"))
    rows = []
    for idle in range(1, 6):
        place = np.searchsorted(days, ends["session_date"].to_numpy()) + idle
        inside = place < len(days)
        rows.append(ends[inside].assign(session_date=days[place[inside]], members=1))
    idle_rows = pd.concat(rows).reindex(columns=flags.columns)
    idle_rows[COUNTS] = idle_rows[COUNTS].fillna(0).astype("int64")
    idle_rows["symbol"] = idle_rows["symbol"].astype(flags["symbol"].dtype)
    return idle_rows.astype({"band": flags["band"].dtype})


def _universes(cells: pd.DataFrame) -> pd.DataFrame:
    named = [
        cells.assign(universe="all"),
        cells.assign(universe="nasdaq_sector:" + cells["sector"].astype(str)),
        cells.assign(universe="cap:" + cells["band"].astype(str)),
        cells[cells["gics"] != ""].assign(universe="sector:" + cells["gics"].astype(str)),
        cells[cells["listing"] != ""].assign(universe=cells["listing"].astype(str)),
    ]
    parts = [part.groupby(["universe", "session_date"])[COUNTS].sum() for part in named]
    return pd.concat(parts).reset_index().sort_values(["universe", "session_date"], ignore_index=True)


def _without_bars(sums: pd.DataFrame, bars: pd.DataFrame, stocks: pd.DataFrame) -> pd.DataFrame:
    """The names of a list that have had no bar so far: they count against its coverage."""
    first = stocks["symbol"].map(bars.groupby("symbol", observed=True)["session_date"].min())
    sums["without_bars"] = 0
    for listing in sorted(set(stocks["listing"]) - {""}):
        ours = first[stocks["listing"] == listing]
        rows = sums["universe"] == listing
        begun = np.searchsorted(
            np.sort(ours.dropna().to_numpy()), sums.loc[rows, "session_date"].to_numpy(), side="right"
        )
        sums.loc[rows, "without_bars"] = len(ours) - begun
    return sums


def _momentum(sums: pd.DataFrame) -> pd.DataFrame:
    listed = sums["members"] + sums["without_bars"]
    is_defined = (sums["eligible"] > 0) & (sums["eligible"] >= GATE * listed)
    net = (sums["advances"] - sums["declines"])[is_defined]
    moved = (sums["advances"] + sums["declines"])[is_defined]
    ratio = (1000 * net / moved.where(moved > 0)).fillna(0)
    universe = sums.loc[is_defined, "universe"]

    def ema(alpha: float) -> pd.Series:
        means = ratio.groupby(universe, sort=False).ewm(alpha=alpha, adjust=False).mean()
        return pd.Series(means.to_numpy(), ratio.index)

    oscillator = ema(0.10) - ema(0.05)
    sums["is_defined"] = is_defined
    sums["ad_line"] = net.groupby(universe).cumsum()
    sums["mcclellan_oscillator"] = oscillator
    sums["mcclellan_summation"] = oscillator.groupby(universe).cumsum()
    for n in (20, 50, 200):
        sums[f"above_sma{n}_share"] = (sums[f"above_{n}"] / sums[f"sma{n}_members"]).where(is_defined)
    return sums


def rotation(closes: pd.DataFrame, benchmark: str, sectors: list[str]) -> pd.DataFrame:
    """Ranks, relative strength and both rotation graphs by session and ETF, from closes: symbol, session_date, close."""
    wide = closes.pivot(index="session_date", columns="symbol", values="close")
    funds = wide[sectors]
    strength = 100 * funds.div(wide[benchmark], axis=0)
    days = pd.DatetimeIndex(funds.index)
    years = days.year
    year_ends = funds.groupby(years).last().shift(1)
    base = year_ends.reindex(years).set_axis(funds.index)
    out = {"rs": strength}
    for name, returns in {
        "rank_5d": funds.pct_change(5),
        "rank_21d": funds.pct_change(21),
        "rank_63d": funds.pct_change(63),
        "rank_ytd": funds / base - 1,
    }.items():
        out[name] = returns.rank(axis=1, method="min", ascending=False)
    for name, frame in zip(("rs_ratio", "rs_momentum"), _graph(strength, 50), strict=True):
        out[f"rrg_daily_50_{name}"] = frame
    # a week is complete on its Friday, or on the next session after it
    week = (days - pd.Timestamp("1927-01-03")).days // 7
    known = week - (days.dayofweek < 4)
    weekly = strength.groupby(week).last()
    for name, frame in zip(("rs_ratio", "rs_momentum"), _graph(weekly, 14), strict=True):
        out[f"rrg_weekly_14_{name}"] = frame.reindex(known).set_axis(funds.index)
    stacked = {name: frame.stack() for name, frame in out.items()}
    return pd.DataFrame(stacked).rename_axis(["session_date", "symbol"]).reset_index()


def _graph(strength: pd.DataFrame, window: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    ratio = 100 + _z(strength, window)
    return ratio, 100 + _z(100 * (ratio / ratio.shift(1) - 1), window)


def _z(values: pd.DataFrame, window: int) -> pd.DataFrame:
    lines = values.rolling(window)
    return (values - lines.mean()) / lines.std(ddof=0)
