"""Income statements, a row a fiscal year or quarter: of one company (AAPL_income_annual.csv, AAPL/income_annual.csv), or of many.

The tables name neither filing nor currency: a figure counts as public 90 days after its period, and as
in USD unless `currency` says otherwise.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array, conform_to_schema, map_distinct_values, respell_symbols
from sources.formats._names import company_of_income
from sources.formats.bars import SYMBOL_HEADERS

_FILED_AFTER = timedelta(days=90)
_MONTHS = {"annual": 12, "quarterly": 3}
_CONCEPTS = {"revenue": "{}", "eps_diluted": "{}/shares", "net_income": "{}", "shares_diluted": "shares"}


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """A row for each figure that is given. The company is the row's symbol, else that of the request, the file's name, or
    the folder of a file that is called as those of the layout `AAPL/income_annual.csv` are."""
    ends = column_array(table, "period_end")
    if not any(concept in table.column_names for concept in _CONCEPTS):
        raise context.format_error(
            "it has none of the columns Total Revenue, Diluted EPS, Net Income, Diluted Average Shares"
        )
    table = table.append_column("period_start", map_distinct_values(ends, _period_start_rule(context), pa.date32()))
    table = table.append_column("available_at", map_distinct_values(ends, _filing_instant, pa.timestamp("us", "UTC")))
    if "symbol" not in table.column_names:
        table = table.append_column("symbol", pa.repeat(_company_of_file(context), table.num_rows))
    table = respell_symbols(table, context)
    parts = []
    for concept, unit in _CONCEPTS.items():
        if concept not in table.column_names:
            continue
        held = table.filter(pc.is_valid(table[concept]))
        context.add_note(f"empty cells of {concept}", table.num_rows - held.num_rows)
        kept = ("symbol", "period_start", "period_end", "available_at")
        columns: dict[str, object] = {name: column_array(held, name) for name in kept}
        columns |= {"concept": concept, "value": column_array(held, concept), "accession": "", "is_filed_assumed": True}
        columns["unit"] = unit.format(context.option_value("currency", "USD"))
        parts.append(conform_to_schema("fundamentals", columns, held.num_rows, context))
    return {"fundamentals": pa.concat_tables(parts)}


def _company_of_file(context: Context) -> str:
    """Raises FormatError where neither the request nor the file's name says whose statements these are."""
    if context.request.symbol:
        return context.request.symbol
    name, place = company_of_income(context.file_stem, context.folder_name)
    if not name:
        raise context.format_error(
            "it has no column for the symbol, and its name does not say whose it is; say --symbol AAPL"
        )
    context.note_assumption(f"symbol {name} from {place}")
    return name


def _filing_instant(end: date | None) -> datetime | None:
    return None if end is None else datetime.combine(end + _FILED_AFTER, time(), UTC)


def _period_start_rule(context: Context) -> Callable[[date | None], date | None]:
    """What gives a period's first day from its last: a year, or three months, ending on it."""
    named = [period for period in _MONTHS if period in context.file_stem]
    period = context.option_value("period") or "".join(named)
    if period not in _MONTHS:
        raise context.format_error(
            "its name does not say annual or quarterly; give --period annual or --period quarterly"
        )
    return lambda end: None if end is None else _months_before(end, _MONTHS[period]) + timedelta(days=1)


def _months_before(end: date, months: int) -> date:
    """The same day `months` earlier; the last day of a month stays the last one."""
    year, month = divmod(end.year * 12 + end.month - 1 - months, 12)
    last = monthrange(year, month + 1)[1]
    is_last = end.day == monthrange(end.year, end.month)[1]
    return date(year, month + 1, last if is_last else min(end.day, last))


FORMAT = Format(
    name="income",
    description="Income statements, by symbol or of one company (AAPL_income_annual.csv, or income_annual.csv in a folder AAPL).",
    datasets=("fundamentals",),
    fields=(
        Field("symbol", "text", SYMBOL_HEADERS),
        Field("period_end", "date", ("date", "period_end", "fiscal date ending", "asOfDate"), required=True),
        Field("revenue", "number", ("Total Revenue", "revenue", "Operating Revenue")),
        Field("eps_diluted", "number", ("Diluted EPS", "eps_diluted")),
        Field("net_income", "number", ("Net Income", "net_income", "Net Income Common Stockholders")),
        Field("shares_diluted", "number", ("Diluted Average Shares", "shares_diluted")),
    ),
    shape=to_dataset_tables,
    options=("symbol", "period", "currency", "date_format"),
    pattern="*income*",
    one_of=tuple((concept,) for concept in _CONCEPTS),
)
