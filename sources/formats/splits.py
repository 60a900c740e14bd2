"""Share splits: new and old shares in two columns, or a ratio such as 10:1, 3/2, 4 or 0.05; also beside bars."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

import pyarrow as pa

from sources.formats._actions import COMMON, select_action_rows
from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array, conform_to_schema, map_distinct_values, respell_symbols

_RATIO = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(?:\s*(?::|/|-?for-?|to)\s*(\d{1,9}(?:\.\d{1,9})?))?", re.IGNORECASE)


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """Splits as two whole numbers; a row whose ratio cannot be read as such is rejected."""
    if "ratio" in table.column_names:
        table = select_action_rows(table, "ratio", _is_no_split, context)
        unreadable = [
            (i, text) for i, text in enumerate(column_array(table, "ratio").to_pylist()) if _parse_ratio(text) is None
        ]
        reasons = {i: f"ratio: {(text or '')[:40]!r} is no split such as 10:1 or 0.05" for i, text in unreadable}
        table = context.reject_rows(table, reasons)
    elif not {"numerator", "denominator"} <= set(table.column_names):
        raise context.format_error("it has neither a column ratio nor the two columns numerator and denominator")
    else:
        table = select_action_rows(table, "numerator", lambda shares: not shares, context)
    table = respell_symbols(table, context)
    columns = {name: column_array(table, name) for name in table.column_names if name != "ratio"}
    if "ratio" in table.column_names:
        ratios = column_array(table, "ratio")
        columns["numerator"] = map_distinct_values(ratios, lambda text: _ratio_part(text, "numerator"), pa.int64())
        columns["denominator"] = map_distinct_values(ratios, lambda text: _ratio_part(text, "denominator"), pa.int64())
    return {"splits": conform_to_schema("splits", columns, table.num_rows, context)}


def _is_no_split(text: str | None) -> bool:
    """Whether a history of bars says by `text` that there was no split: nothing, 0, 1, 1:1 or 0:0."""
    number = (text or "0").strip().lower()
    match = _RATIO.fullmatch(number)
    if match is None:
        return number in ("nan", "null", "none")
    return float(match[1]) == float(match[2]) if match[2] else float(match[1]) in (0, 1)


def _parse_ratio(text: str | None) -> Fraction | None:
    """New shares by old shares in lowest terms; decimals (0.333333) are taken as the nearest of at most 1000 shares."""
    match = _RATIO.fullmatch((text or "").strip())
    if match is None:
        return None
    new, old = Fraction(match[1]), Fraction(match[2] or "1")
    ratio = new / old if old else Fraction(0)
    if "." in match[0]:
        ratio = 1 / (1 / ratio).limit_denominator(1000) if 0 < ratio < 1 else ratio.limit_denominator(1000)
    return ratio if ratio > 0 else None


def _ratio_part(text: str | None, part: str) -> int | None:
    ratio = _parse_ratio(text)
    return None if ratio is None else int(getattr(ratio, part))


FORMAT = Format(
    name="splits",
    description="Share splits: symbol, ex_date, and numerator and denominator or a ratio (10:1).",
    datasets=("splits",),
    fields=(
        *COMMON,
        Field("numerator", "count", ("numerator", "split_to", "new shares", "to factor")),
        Field("denominator", "count", ("denominator", "split_from", "old shares", "for factor")),
        Field("ratio", "ratio", ("ratio", "split", "split ratio", "stock splits", "split factor", "split coefficient")),
    ),
    shape=to_dataset_tables,
    options=("symbol", "date_format"),
    one_of=(("ratio",), ("numerator", "denominator")),
)
