"""The sessions of the exchange as an Arrow table; apart from calendar.py, so that what only reads need not import Arrow."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from threading import Lock

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.calendar import USUAL_CLOSE, calendar_exceptions, session_ordinals

_ONE_AT_A_TIME = Lock()
SCHEMA = pa.schema(
    [
        pa.field("session_date", pa.date32()),
        pa.field("seq", pa.int32()),
        pa.field("close_at", pa.timestamp("us", tz="UTC")),
        pa.field("is_early_close", pa.bool_()),
    ]
)


def session_table() -> pa.Table:
    """All sessions known to the calendar, as `SCHEMA`; `seq` counts them from 0."""
    # threads that begin together would each make it
    with _ONE_AT_A_TIME:
        return _make_table()


@lru_cache(maxsize=1)
def _make_table() -> pa.Table:
    days = (np.array(session_ordinals()) - date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    minutes = np.full(len(days), USUAL_CLOSE.hour * 60)
    is_early = np.zeros(len(days), bool)
    for day, (hour, early) in calendar_exceptions()[1].items():
        place = np.searchsorted(days, np.datetime64(day))
        minutes[place], is_early[place] = hour.hour * 60 + hour.minute, early
    local = _as_arrow(days.astype("datetime64[us]") + minutes.astype("timedelta64[m]"), pa.timestamp("us"))
    return pa.table(
        {
            "session_date": _as_arrow(days.astype(np.int32), pa.date32()),
            "seq": _as_arrow(np.arange(len(days), dtype=np.int32), pa.int32()),
            "close_at": pc.assume_timezone(local, "America/New_York").cast(pa.timestamp("us", tz="UTC")),
            "is_early_close": _as_arrow(is_early.view(np.uint8), pa.uint8()).cast(pa.bool_()),
        },
        schema=SCHEMA,
    )


def _as_arrow(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    """Numbers without nulls, as they lie in memory; pa.array would import pandas to find out what it is given."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])
