"""A batch as pandas frames for Great Expectations: only what its expectations need, in cheap types.

Where an expectation compares two things, the frame has them as a pair of columns named after the
rule: what bounds, and what is measured. They are made with numpy here, apart from the SQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.rules import SLACK, Rule, rules_of_contract
from expectations.split import learnt_date
from warehouse.calendar_table import session_table
from warehouse.contracts.contract import Contract

if TYPE_CHECKING:
    import pandas as pd

CHUNK_ROWS = 500_000
BOUND, MEASURE = "bound of ", "measure of "


def chunks_of_rows(contract: Contract, table: pa.Table, rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """`rows` in parts of about `size` or less, all rows of a key in one part."""
    parts = -(-len(rows) // size)
    if parts <= 1:
        if len(rows):
            yield rows
        return
    mixed = np.zeros(len(rows), np.int64)
    for name in contract.key:
        codes = pc.dictionary_encode(table[name].combine_chunks()).indices.fill_null(-1)
        mixed = mixed * 31 + codes.to_numpy(zero_copy_only=False)[rows]
    part = mixed % parts
    for number in range(parts):
        yield rows[part == number]


def batch_frame(contract: Contract, table: pa.Table, rows: np.ndarray) -> pd.DataFrame:
    """The given rows of `table`, labelled by their numbers, with the pairs of the contract's rules."""
    import pandas as pd

    taken = table.take(pa.array(rows)) if len(rows) < table.num_rows else table
    frame = _arrow_frame(taken)
    frame.index = pd.Index(rows)
    for rule in rules_of_contract(contract):
        pair = _row_pair(rule, contract, frame)
        if pair is not None:
            frame[BOUND + rule.name], frame[MEASURE + rule.name] = pair
    return frame


def day_frame(rule: Rule, lines: pa.Table) -> pd.DataFrame:
    """The lines that a rule about days (`count`) or payloads (`fresh`) looks at, as its pair."""
    frame: pd.DataFrame = lines.to_pandas(date_as_object=False)
    if rule.kind == "count":
        before = frame["rows_before"].astype("float64")
        frame[BOUND + rule.name], frame[MEASURE + rule.name] = (
            (rule.limit or 0) * before,
            (frame["rows"] - before).abs(),
        )
    else:
        frame[BOUND + rule.name], frame[MEASURE + rule.name] = frame["newest_date"], frame["oldest_fresh_date"]
    return frame[[BOUND + rule.name, MEASURE + rule.name]]


def _arrow_frame(table: pa.Table) -> pd.DataFrame:
    """Texts as categories, days as numpy days; a NaN that is no null as infinity, since pandas takes NaN for null."""
    columns = {}
    for name in table.column_names:
        column = table[name]
        if pa.types.is_string(column.type):
            column = column.dictionary_encode()
        elif pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), np.inf, column)
        columns[name] = column
    return cast("pd.DataFrame", pa.table(columns).to_pandas(date_as_object=False))


def _row_pair(rule: Rule, contract: Contract, frame: pd.DataFrame) -> tuple[Any, Any] | None:
    import pandas as pd

    first = frame[rule.columns[0]]
    if rule.kind == "future":
        return _days_learnt(frame["known_at"]).astype(first.dtype), first
    if rule.kind == "session":
        return _session_or_day_before(first), first
    if rule.kind in ("earliest", "latest"):
        day = pd.Series(np.datetime64(str(rule.day), "ms"), index=first.index).where(first.notna())
        return (first, day) if rule.kind == "earliest" else (day, first)
    if rule.kind == "paid":
        paid = frame[[column.name for column in contract.columns if column.unit.startswith("price")]].max(axis=1)
        return pd.Series(rule.limit, index=first.index), paid.where((frame["basis"] == "raw") & first.notna())
    if rule.kind == "within":
        is_known = frame[rule.columns[1]].isin(rule.vocabulary)
        return pd.Series(rule.limit, index=first.index), first.abs().where(is_known)
    if rule.kind == "ratio":
        pair = frame[list(rule.columns)].astype("float64")
        return (rule.limit or 0) * pair.min(axis=1, skipna=False), pair.max(axis=1, skipna=False)
    if rule.kind not in ("ordered", "move"):
        return None
    second = frame[rule.columns[1]]
    if contract.find_column(rule.columns[0]).type != "float":
        return second, first
    is_finite = np.isfinite(first) & np.isfinite(second)
    if rule.kind == "ordered":
        return (second + SLACK * second.abs()).where(is_finite), first
    share = (rule.limit or 0) / 100
    return (share * second).where(is_finite & (second > 0)), (first - second).abs()


def _days_learnt(instants: pd.Series) -> pd.Series:
    import pandas as pd

    days: dict[Any, Any] = {instant: pd.Timestamp(learnt_date(instant)) for instant in instants.dropna().unique()}
    return instants.map(days)


def _session_or_day_before(days: pd.Series) -> pd.Series:
    """Each day itself where it is a session, else the day before it: so a day is a session where it does not exceed this.
    The whole calendar as a set of allowed values would be copied many times."""
    calendar = session_table()["session_date"].to_numpy().astype("datetime64[ms]")
    asked = days.to_numpy().astype("datetime64[ms]")
    nearest = calendar[np.minimum(np.searchsorted(calendar, asked), len(calendar) - 1)]
    return days.where(days.isna() | (nearest == asked), days - np.timedelta64(1, "D"))
