"""Breadth and sector rotation as one writes them in polars, lazily; see in_pandas.py for the rules."""

from __future__ import annotations

from datetime import date

import polars as pl

from benchmarks.in_pandas import BANDS, CAP_EDGES, COUNTS, GATE, KEYS, REPEATED_VOLUME


def breadth(bars: pl.LazyFrame, stocks: pl.LazyFrame, days: pl.Series) -> pl.DataFrame:
    """Counts and momentum by universe and session; `bars` as for pandas, `days` all sessions in order."""
    flags = _flags(bars)
    rows = pl.concat([flags, _idle(bars, days, flags.collect_schema())], how="diagonal")
    cells = rows.join(stocks, on="symbol", how="left").group_by(KEYS).agg(pl.col(COUNTS).sum()).collect()
    return _momentum(_without_bars(_universes(cells), bars, stocks))


def _forward(bars: pl.LazyFrame) -> pl.LazyFrame:
    frame = bars.with_columns(
        close=(pl.col("close") * 1e6).round(), stated=(pl.col("previous_close") * 1e6).round()
    ).with_columns(last=pl.col("close").shift(1).over("symbol"))
    fell, rose = pl.col("last") / pl.col("stated"), pl.col("stated") / pl.col("last")
    factor = pl.when(fell >= 1.5).then(fell.round()).when(rose >= 1.5).then(1 / rose.round()).otherwise(1.0)
    frame = frame.with_columns(exact=pl.col("close") * factor.fill_null(1.0).cum_prod().over("symbol"))
    exact = pl.col("exact")
    return frame.with_columns(price=exact * 513 - (exact * 513 - exact))


def _band(cap: pl.Expr) -> pl.Expr:
    return cap.cut(CAP_EDGES[1:-1], labels=BANDS, left_closed=True).cast(pl.String).fill_null("unknown")


def _flags(bars: pl.LazyFrame) -> pl.LazyFrame:
    price = pl.col("price")
    # no return leads into a bar that gives the last one again, nor from it
    same = (pl.col("close") == pl.col("last")) & (pl.col("volume") == pl.col("volume").shift(1))
    repeated = (same & (pl.col("volume") >= REPEATED_VOLUME)).fill_null(False)
    windows = {
        "previous": pl.when(repeated | repeated.shift(1, fill_value=False)).then(None).otherwise(price.shift(1)),
        "cap": pl.col("market_cap").shift(1),
        **{f"total_{n}": price.rolling_sum(n) for n in (20, 50, 200)},
        "highest": price.rolling_max(251).shift(1),
        "lowest": price.rolling_min(251).shift(1),
    }
    frame = _forward(bars).with_columns(**{name: made.over("symbol") for name, made in windows.items()})
    previous = pl.col("previous")
    flags = {
        "members": pl.lit(1),
        "eligible": previous.is_not_null(),
        "advances": price > previous,
        "declines": price < previous,
        "unchanged": price == previous,
        **{f"sma{n}_members": pl.col(f"total_{n}").is_not_null() for n in (20, 50, 200)},
        **{f"above_{n}": price * n > pl.col(f"total_{n}") for n in (20, 50, 200)},
        "range_52w_members": pl.col("highest").is_not_null(),
        "new_highs_52w": price > pl.col("highest"),
        "new_lows_52w": price < pl.col("lowest"),
        "up_volume": pl.when(price > previous).then("volume"),
        "down_volume": pl.when(price < previous).then("volume"),
    }
    counted = {name: flag.cast(pl.Int64).fill_null(0) for name, flag in flags.items()}
    return frame.select("symbol", "session_date", band=_band(pl.col("cap")), **counted)


def _idle(bars: pl.LazyFrame, days: pl.Series, schema: pl.Schema) -> pl.LazyFrame:
    """The week after a stock's last bar, in which it still counts as a member."""
    numbers = pl.LazyFrame({"session_date": days}).with_row_index("number").cast({"number": pl.Int64})
    ends = bars.group_by("symbol").agg(pl.col("session_date").last(), pl.col("market_cap").last())
    return (
        ends.join(numbers, on="session_date")
        .select("symbol", band=_band(pl.col("market_cap")), number=pl.col("number") + pl.lit([1, 2, 3, 4, 5]))
        .explode("number")
        .join(numbers, on="number")
        .select(
            "symbol",
            "session_date",
            "band",
            members=pl.lit(1, schema["members"]),
            **{name: pl.lit(0, schema[name]) for name in COUNTS if name != "members"},
        )
    )


def _universes(cells: pl.DataFrame) -> pl.DataFrame:
    named = {
        "all": (pl.lit("all"), pl.lit(True)),
        "sector": ("nasdaq_sector:" + pl.col("sector"), pl.lit(True)),
        "band": ("cap:" + pl.col("band"), pl.lit(True)),
        "gics": ("sector:" + pl.col("gics"), pl.col("gics") != ""),
        "listing": (pl.col("listing"), pl.col("listing") != ""),
    }
    parts = [
        cells.filter(kept).group_by(name.alias("universe"), "session_date").agg(pl.col(COUNTS).sum())
        for name, kept in named.values()
    ]
    return pl.concat(parts).sort("universe", "session_date")


def _without_bars(sums: pl.DataFrame, bars: pl.LazyFrame, stocks: pl.LazyFrame) -> pl.DataFrame:
    """The names of a list that have had no bar so far: they count against its coverage."""
    first = bars.group_by("symbol").agg(first=pl.col("session_date").min())
    names = stocks.filter(pl.col("listing") != "").join(first, on="symbol", how="left")
    listed = names.group_by(universe="listing").agg(names=pl.len())
    begun = (
        names.drop_nulls("first")
        .sort("first")
        .select("first", universe="listing", begun=1 + pl.int_range(pl.len()).over("listing"))
    )
    begun = begun.group_by("universe", "first").agg(pl.col("begun").max()).sort("first")
    ordered = sums.lazy().sort("session_date")
    found = ordered.join_asof(begun, left_on="session_date", right_on="first", by="universe").join(
        listed, on="universe", how="left"
    )
    without = pl.col("names").fill_null(0) - pl.col("begun").fill_null(0)
    return found.select(*sums.columns, without_bars=without).sort("universe", "session_date").collect()


def _momentum(sums: pl.DataFrame) -> pl.DataFrame:
    net, moved = pl.col("advances") - pl.col("declines"), pl.col("advances") + pl.col("declines")
    listed = pl.col("members") + pl.col("without_bars")
    sums = sums.with_columns(is_defined=(pl.col("eligible") > 0) & (pl.col("eligible") >= GATE * listed))
    ratio = pl.when(moved > 0).then(1000 * net / moved).otherwise(0.0)
    t10, t5 = (ratio.ewm_mean(alpha=alpha, adjust=False).over("universe") for alpha in (0.10, 0.05))
    momentum = (
        sums.filter("is_defined")
        .with_columns(ad_line=net.cum_sum().over("universe"), mcclellan_oscillator=t10 - t5)
        .with_columns(mcclellan_summation=pl.col("mcclellan_oscillator").cum_sum().over("universe"))
        .select("universe", "session_date", "ad_line", "mcclellan_oscillator", "mcclellan_summation")
    )
    shares = {
        f"above_sma{n}_share": pl.when((pl.col(f"sma{n}_members") > 0) & pl.col("is_defined")).then(
            pl.col(f"above_{n}") / pl.col(f"sma{n}_members")
        )
        for n in (20, 50, 200)
    }
    return sums.join(momentum, on=["universe", "session_date"], how="left").with_columns(**shares)


def rotation(closes: pl.DataFrame, benchmark: str, sectors: list[str]) -> pl.DataFrame:
    """Ranks, relative strength and both rotation graphs by session and ETF, from closes: symbol, session_date, close."""
    base = closes.filter(pl.col("symbol") == benchmark).select("session_date", base="close")
    frame = (
        closes.filter(pl.col("symbol").is_in(sectors))
        .join(base, on="session_date")
        .sort("symbol", "session_date")
        .with_columns(rs=100 * pl.col("close") / pl.col("base"), year=pl.col("session_date").dt.year())
    )
    ends = frame.group_by("symbol", "year").agg(end=pl.col("close").last()).with_columns(pl.col("year") + 1)
    frame = frame.join(ends, on=["symbol", "year"], how="left", maintain_order="left")
    close = pl.col("close")
    returns = {f"{n}d": (close / close.shift(n) - 1).over("symbol") for n in (5, 21, 63)} | {
        "ytd": close / pl.col("end") - 1
    }
    frame = frame.with_columns(**returns).with_columns(
        **{f"rank_{name}": pl.col(name).rank("min", descending=True).over("session_date") for name in returns}
    )
    week = (pl.col("session_date") - pl.lit(date(1927, 1, 3))).dt.total_days() // 7
    known = week - (pl.col("session_date").dt.weekday() < 5).cast(pl.Int64)
    frame = _graph(frame, 50, "rrg_daily_50").with_columns(week=week, known=known)
    weekly = frame.group_by("symbol", "week", maintain_order=True).agg(pl.col("rs").last())
    weekly = _graph(weekly, 14, "rrg_weekly_14").drop("rs").rename({"week": "known"})
    return frame.join(weekly, on=["symbol", "known"], how="left").select(
        "session_date", "symbol", "rs", "^rank_.*$", "^rrg_.*$"
    )


def _graph(frame: pl.DataFrame, window: int, name: str) -> pl.DataFrame:
    ratio, momentum = f"{name}_rs_ratio", f"{name}_rs_momentum"
    frame = frame.with_columns((100 + _z(pl.col("rs"), window).over("symbol")).alias(ratio))
    change = 100 * (pl.col(ratio) / pl.col(ratio).shift(1) - 1)
    return (
        frame.with_columns(change.over("symbol").alias("change"))
        .with_columns((100 + _z(pl.col("change"), window).over("symbol")).alias(momentum))
        .drop("change")
    )


def _z(values: pl.Expr, window: int) -> pl.Expr:
    return (values - values.rolling_mean(window)) / values.rolling_std(window, ddof=0)
