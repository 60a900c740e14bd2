"""Economic time series, one column a series: a date column, then FEDFUNDS, DGS10 and so on.

In a table of several series an empty cell is the place of another one's date, and noted. In one of a single series it
says, as FRED does, that the period has no value: that takes an earlier one back.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sources.formats._base import Context, Field, Format
from sources.formats._columns import array, conform


def shape(table: pa.Table, context: Context) -> Mapping[str, pa.Table]:
    """An observation for each cell that holds one, and for each cell of a single series."""
    parts = []
    names = [name for name in table.column_names if name != "period_date"]
    if not names:
        raise context.wrong("it has a date column and no series beside it")
    for name in names:
        one = pa.table({"period_date": array(table, "period_date"), "value": array(table, name)})
        valued = one.filter(pc.is_valid(one["value"]))
        context.note(f"empty cells of {name}", one.num_rows - valued.num_rows)
        held = one if len(names) == 1 else valued
        columns = {"period_date": array(held, "period_date"), "value": array(held, "value")}
        columns |= {"series_id": name, "vintage": context.option("vintage", "latest")}
        parts.append(conform("macro_observations", columns, held.num_rows, context))
    return {"macro_observations": pa.concat_tables(parts)}


FORMAT = Format(
    name="series_wide",
    description="Time series as FRED gives several in one table: a date, then a column a series.",
    datasets=("macro_observations",),
    fields=(Field("period_date", "date", ("date", "observation_date", "period_date"), required=True),),
    shape=shape,
    options=("vintage", "date_format"),
    takes_rest=True,
)
