"""Economic time series, one column a series: a date column, then FEDFUNDS, DGS10 and so on.

A point, as FRED writes it, says that the period has no value: that takes an earlier one back. So does an empty cell in a
table of a single series; in one of several it is the place of another one's date, and noted.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context, Field, Format
from sources.formats._columns import column_array, conform_to_schema


def to_dataset_tables(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """An observation for each cell that holds one or says that there is none, and for each cell of a single series."""
    parts = []
    names = [name for name in table.column_names if name != "period_date"]
    if not names:
        raise context.format_error("it has a date column and no series beside it")
    for name in names:
        one = pa.table({"period_date": column_array(table, "period_date"), "value": column_array(table, name)})
        stated = one.filter(pc.is_valid(one["value"]))
        is_none = pc.is_nan(stated["value"])
        context.add_note(f"empty cells of {name}", one.num_rows - stated.num_rows)
        context.add_note(f"periods of {name} stated to have no value", pc.sum(is_none).as_py() or 0)
        held = one if len(names) == 1 else stated
        values = column_array(held, "value")
        values = pc.if_else(pc.fill_null(pc.is_nan(values), False), None, values)
        columns = {"period_date": column_array(held, "period_date"), "value": values}
        columns |= {"series_id": name, "vintage": context.option_value("vintage", "latest")}
        parts.append(conform_to_schema("macro_observations", columns, held.num_rows, context))
    return {"macro_observations": pa.concat_tables(parts)}


FORMAT = Format(
    name="series_wide",
    description="Time series as FRED gives several in one table: a date, then a column a series.",
    datasets=("macro_observations",),
    fields=(Field("period_date", "date", ("date", "observation_date", "period_date"), required=True),),
    shape=to_dataset_tables,
    options=("vintage", "date_format"),
    takes_rest=True,
    none_marks=(".", "ND"),
)
