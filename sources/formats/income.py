"""Income statements of one company, a row a fiscal year or quarter: fundamentals/AAPL/income_annual.csv.

The tables name neither filing nor currency: a figure counts as public 90 days after its period, and as
in USD unless `currency` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context, Field, Format
from sources.formats._columns import array, conform, mapped, spelled

_FILED_AFTER = timedelta(days=90)
_CONCEPTS = {"revenue": "{}", "eps_diluted": "{}/shares", "net_income": "{}", "shares_diluted": "shares"}


def shape(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """A row for each figure that is given. The company is the symbol of the request or the file's folder."""
    name = context.request.symbol or context.folder
    ends = array(table, "period_end")
    table = table.append_column("symbol", pa.repeat(name, table.num_rows))
    table = table.append_column("period_start", mapped(ends, _start(context), pa.date32()))
    table = table.append_column("available_at", mapped(ends, _public, pa.timestamp("us", "UTC")))
    table = spelled(table, context)
    parts = []
    for concept, unit in _CONCEPTS.items():
        if concept not in table.column_names:
            continue
        held = table.filter(pc.is_valid(table[concept]))
        context.note(f"empty cells of {concept}", table.num_rows - held.num_rows)
        kept = ("symbol", "period_start", "period_end", "available_at")
        columns: dict[str, object] = {name: array(held, name) for name in kept}
        columns |= {"concept": concept, "value": array(held, concept), "accession": "", "is_filed_assumed": True}
        columns["unit"] = unit.format(context.option("currency", "USD"))
        parts.append(conform("fundamentals", columns, held.num_rows, context))
    return {"fundamentals": pa.concat_tables(parts)}


def _public(end: date | None) -> datetime | None:
    return None if end is None else datetime.combine(end + _FILED_AFTER, time(), UTC)


def _start(context: Context):  # type: ignore[no-untyped-def]
    raise NotImplementedError
