"""Bars are daily: weekly, monthly or yearly ones would be taken for daily bars with holes, and those of minutes for days."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context
from sources.formats._columns import column_array, map_distinct_values
from warehouse.contracts.datasets import CONTRACTS

# how a column says it: W, 1wk, weekly, 60min
INTERVAL_HEADERS = ("interval", "period", "frequency", "timeframe", "granularity", "bar size")
_OTHER_INTERVAL = re.compile(
    r"\d*\s*(w|wks?|weeks?|weekly|m|mos?|mon|months?|monthly|q|quarters?|quarterly|y|yrs?|years?|yearly|annual|"
    r"h|hrs?|hours?|hourly|t|mins?|minutes?|s|secs?|seconds?|ticks?|intraday)\s*\d*",
    re.IGNORECASE,
)
_OF_A_DAY = re.compile(r"24\s*(h|hrs?|hours?)|1440\s*(m|mins?|minutes?)", re.IGNORECASE)
# calendar days from one bar to the next
_LONGER = {"weekly": (5, 9), "monthly": (25, 35), "quarterly": (85, 97), "yearly": (355, 375)}
# a symbol with fewer days may have been traded on these alone
_FEWEST_DAYS = 6
# the newest bar of a weekly file is often that of a week that goes on
_SHARE_OF_STEPS = 0.8
_COUNTED_SYMBOLS = 50


def refuse_other_intervals(table: pa.Table, context: Context) -> pa.Table:
    """`table` without its column `interval`, and without the rows whose cell there says that they are no day's."""
    if "interval" not in table.column_names:
        return table
    names = column_array(table, "interval")
    is_other = map_distinct_values(names, _is_other_interval, pa.bool_())
    reasons = {
        i: f"interval: {names[i].as_py()[:20]!r}, and all bars are daily"
        for i in pc.indices_nonzero(is_other).to_pylist()
    }
    return context.reject_rows(table, reasons).drop_columns(["interval"])


def _is_other_interval(text: str | None) -> bool:
    return text is not None and not _OF_A_DAY.fullmatch(text) and _OTHER_INTERVAL.fullmatch(text) is not None


def refuse_longer_bars(tables: Mapping[str, pa.Table], context: Context) -> None:
    """Raises FormatError where most symbols of a file of bars have them a week, month, quarter or year apart."""
    for dataset, table in tables.items():
        if dataset in ("equity_bars", "index_bars", "sector_bars") and (name := longer_bars(dataset, table)):
            raise context.format_error(f"it holds {name} bars, and all bars are daily; export daily ones")


def longer_bars(dataset: str, table: pa.Table) -> str:
    """`weekly`, `monthly`, `quarterly` or `yearly` where most symbols with at least six days have such bars, else ''."""
    name = CONTRACTS[dataset].key[0]
    chosen = pc.unique(table[name]).slice(0, _COUNTED_SYMBOLS)
    counted = table.select([name, "session_date"]).filter(pc.is_in(table[name], value_set=chosen))
    bars = (
        counted.drop_null()
        .group_by([name, "session_date"])
        .aggregate([])
        .sort_by([(name, "ascending"), ("session_date", "ascending")])
    )
    if not bars.num_rows:
        return ""
    symbols = bars[name].combine_chunks().dictionary_encode().indices.to_numpy()
    days = bars["session_date"].cast(pa.date32()).cast(pa.int32()).to_numpy()
    is_step = symbols[1:] == symbols[:-1]
    steps, of_symbol = np.diff(days)[is_step], symbols[1:][is_step]
    step_counts = np.bincount(of_symbol, minlength=symbols[-1] + 1)
    is_counted = step_counts >= _FEWEST_DAYS - 1
    for length, (low, high) in _LONGER.items():
        alike = np.bincount(of_symbol[(steps >= low) & (steps <= high)], minlength=len(step_counts))
        have_such = is_counted & (alike >= _SHARE_OF_STEPS * step_counts)
        if have_such.sum() * 2 > is_counted.sum():
            return length
    return ""
